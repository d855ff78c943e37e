# Needs nothing but Debian and PyPI: `docker build -t threadwire .`, for amd64 or arm64.
ARG DEBIAN=trixie-slim

FROM debian:${DEBIAN} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# The tools that install stay in /build; what they install goes to /opt/threadwire.
RUN python3 -m venv /build && python3 -m venv --without-pip /opt/threadwire
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN /build/bin/pip install --require-hashes --requirement requirements-build.lock \
    && /build/bin/pip --python /opt/threadwire/bin/python install --no-compile --only-binary :all: \
        --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY bot bot
COPY adapters adapters
COPY jobs jobs
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/threadwire/bin/python install --no-compile --no-deps \
        --no-index /wheels/*.whl
WORKDIR /opt/threadwire
# What no code of ours reaches goes: debug symbols, tests, pip (sqlite-utils wants it for a command
# of its own), and the texts that babel has for 800 locales (courlan asks it for names when it
# crawls, which we do not). Then byte code is made for what gets imported, for the file system is
# read-only later.
RUN find lib -name '*.so*' -exec strip --strip-unneeded {} + \
    && find lib -type d -name tests -prune -exec rm -r {} + \
    && find lib -path '*/babel/locale-data/*.dat' ! -name root.dat ! -name en.dat -delete \
    && rm -r lib/python3*/site-packages/pip lib/python3*/site-packages/pip-*.dist-info \
    && bin/python -c "import importlib, pkgutil; \
[importlib.import_module(found.name) for package in ('config', 'bot', 'adapters', 'jobs') \
 for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + '.') \
 if not found.name.endswith('__main__')]"

FROM debian:${DEBIAN}
LABEL org.opencontainers.image.title="Threadwire" \
      org.opencontainers.image.description="A self-hosted Discord and Slack bot for AI news" \
      org.opencontainers.image.licenses="MIT"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin threadwire \
    && install -d -o threadwire -g threadwire -m 0750 /data
COPY --from=build /opt/threadwire /opt/threadwire
ENV PATH=/opt/threadwire/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    THREADWIRE_DATABASE__PATH=/data/threadwire.db \
    THREADWIRE_WEB__LISTEN=0.0.0.0:8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python3", "-m", "bot.healthcheck"]
ENTRYPOINT ["threadwire"]
CMD ["run"]
