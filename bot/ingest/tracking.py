"""Which query parameters follow the reader instead of naming the page."""

from __future__ import annotations

from urllib.parse import unquote_plus

# Families: every parameter that starts so was made by an analytics or mailing product.
_PREFIXES = (
    "utm_", "utm-", "at_", "mc_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "hs_", "_hs", "__hs",
    "fb_", "ga_", "_ga", "_gl", "gad_", "gclid", "vero_", "oly_", "wt_", "wtmc", "sfmc_", "bsft_",
    "ref_", "guce_", "elqtrack", "ns_", "itm_", "int_cmp", "ss_campaign", "ss_source", "ss_email",
    "soc_", "trk", "mkt_", "s_kwcid", "asc_", "action_object_map", "action_ref_map",
    "action_type_map", "stm_", "tblci", "dm_i", "nr_email", "iterable_", "klaviyo", "_kx",
)  # fmt: skip
_NAMED = (
    "fbclid gclsrc dclid gbraid wbraid msclkid twclid ttclid li_fat_id yclid ymclid rdt_cid igshid "
    "igsh srsltid epik rb_clickid irclickid cmpid cmp cid_source ncid ocid cvid smid smtyp taid "
    "sr_share sref xtor ito __twitter_impression __s mibextid trackingid s_cid wprov tpcc "
    "guccounter spm scm share_id shareid share_source sharesource share_from fromrss "
    "campaign_id campaignid bbid wickedid zanpid mbid nl_id newsletter_id email_source "
    "recruiter recruited_by_id tracking_source icid rss_id rssid feedid ranmid ransiteid raneaid "
    "clickid click_id ir_sharedid sharedid __cf_chl_tk cf_chl_jschl_tk triedredirect "
    "showwelcomeonshare isfreemail"
)
_NAMES = frozenset(_NAMED.split())
# Parameters that name a page on one site and a referrer on another: their value tells.
_BY_VALUE = frozenset(
    ("source", "src", "from", "via", "medium", "campaign", "partner", "rss", "feed", "share")
)
_REFERRER_WORDS = ("rss", "feed", "newsletter", "email", "twitter", "facebook", "linkedin",
                   "social", "share", "homepage", "feedly", "flipboard")  # fmt: skip
_EMPTY_FLAGS = frozenset(("", "1", "true", "yes"))
# On code hosts `ref` is a branch or a tag.
_CODE_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "githubusercontent.com")
_SITE_NAMES: dict[str, frozenset[str]] = {
    "substack.com": frozenset(("r", "s", "token", "publication_id", "post_id")),
    "medium.com": frozenset(("sk", "source", "readmore", "responsesopen", "sortby")),
    "nytimes.com": frozenset(("partner", "emc", "hp", "module", "action", "region")),
    "theguardian.com": frozenset(("ref", "inputtype")),
    "bbc.com": frozenset(("xtor", "ns")),
    "bloomberg.com": frozenset(("srnd", "accesstoken", "leadsource")),
    "washingtonpost.com": frozenset(("itid", "pwapi_token")),
    "economist.com": frozenset(("fsrc",)),
    "wired.com": frozenset(("bxid", "cndid", "esrc")),
    "linkedin.com": frozenset(("rcm", "lipi")),
    "youtube.com": frozenset(("si", "feature", "pp")),
    "youtu.be": frozenset(("si", "feature", "pp")),
    "twitter.com": frozenset(("s", "t")),
    "x.com": frozenset(("s", "t")),
    "spotify.com": frozenset(("si", "nd")),
    "tiktok.com": frozenset(("is_from_webapp", "sender_device", "_r", "_t")),
    "instagram.com": frozenset(("img_index", "hl")),
}


def without_tracking(query: str, host: str) -> list[str]:
    """The `name=value` parts of a query that say which page is meant, as they were written."""
    site = _site_names(host)
    return [part for part in query.split("&") if part and not _is_tracking(part, host, site)]


def _site_names(host: str) -> frozenset[str]:
    domain = host if host.count(".") < 2 else ".".join(host.rsplit(".", 2)[1:])
    return _SITE_NAMES.get(domain, frozenset())


def _is_tracking(part: str, host: str, site: frozenset[str]) -> bool:
    name, _, value = part.partition("=")
    name = (unquote_plus(name) if "%" in name else name).lower()
    if name in _NAMES or name in site or name.startswith(_PREFIXES):
        return True
    if name == "ref":
        return not host.endswith(_CODE_HOSTS)
    return name in _BY_VALUE and _names_referrer(name, value.lower())


def _names_referrer(name: str, value: str) -> bool:
    if name in ("rss", "share"):
        return value in _EMPTY_FLAGS
    return any(word in value for word in _REFERRER_WORDS)
