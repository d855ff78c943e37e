"""What each refusal of Discord's means for the outbox, as discord.py hands it on."""

from __future__ import annotations

import pytest

from bot.errors import ChannelFault, DeliveryError
from tests.adapters.platforms.discord.sending import STORY, desk

MESSAGES = "/channels/*/messages"

FAULTS = {
    10003: (404, ChannelFault.GONE),
    10004: (404, ChannelFault.REMOVED),
    40066: (403, ChannelFault.RESTRICTED),
    40067: (400, ChannelFault.RESTRICTED),
    50001: (403, ChannelFault.PERMISSION),
    50008: (400, ChannelFault.RESTRICTED),
    50013: (403, ChannelFault.PERMISSION),
    50024: (400, ChannelFault.RESTRICTED),
    50083: (400, ChannelFault.ARCHIVED),
    160005: (400, ChannelFault.ARCHIVED),
    59999: (403, ChannelFault.PERMISSION),  # one that we know nothing of
}
FOR_THIS_POST = {
    50005: 403,
    50006: 400,
    50007: 403,
    50035: 400,
    50278: 403,
    59998: 400,
    200000: 403,
    200001: 403,
    240000: 400,
}
LATER = {
    10087: 404,
    20016: 400,
    20028: 400,
    20029: 400,
    40004: 403,
    40062: 400,
    130000: 400,
    160006: 400,
}


async def _told(code: int, status: int) -> DeliveryError:
    async with desk() as at:
        at.sim.fail_next("POST", MESSAGES, status=status, code=code, message="Told by the sim")
        error = await at.refused()
        assert not error.doubtful
        return error


@pytest.mark.parametrize("code", sorted(FAULTS))
async def test_a_fault_of_the_channel_says_what_to_do(code: int) -> None:
    status, fault = FAULTS[code]
    error = await _told(code, status)
    assert (error.fault, error.permanent) == (fault, False)
    assert str(code) in str(error)


@pytest.mark.parametrize("code", sorted(FOR_THIS_POST))
async def test_what_is_wrong_with_one_post_holds_up_no_other(code: int) -> None:
    error = await _told(code, FOR_THIS_POST[code])
    assert (error.fault, error.permanent) == (None, True)


@pytest.mark.parametrize("code", sorted(LATER))
async def test_what_passes_is_waited_for(code: int) -> None:
    error = await _told(code, LATER[code])
    assert (error.fault, error.permanent) == (None, False)
    assert error.retry_after_s


async def test_a_form_error_says_where() -> None:
    async with desk() as at:
        at.sim.require_allowed_mentions = False
        at.sim.fail_next("POST", MESSAGES, code=50035)
        assert "form of this post" in str(await at.refused())


@pytest.mark.parametrize("code", [20022, 30046])
async def test_too_many_edits_wait_although_discord_says_not_how_long(code: int) -> None:
    """These 429 hold no `retry_after`, which discord.py takes for granted."""
    async with desk() as at:
        sent = await at.platform.send(at.place, STORY, "k1")
        at.sim.fail_next("PATCH", f"{MESSAGES}/*", code=code)
        with pytest.raises(DeliveryError) as caught:
            await at.platform.edit(at.place, sent.message_id, STORY, "k1")
        assert caught.value.retry_after_s == 3_600.0
        assert not caught.value.permanent


@pytest.mark.parametrize("path", ["/users/@me", "/channels/*"])
@pytest.mark.parametrize("reset", [None, "before"])
async def test_what_never_left_is_not_in_doubt(path: str, reset: str | None) -> None:
    """A failure before the post is sent: nobody has to look for it afterwards."""
    async with desk() as at:
        status = 503 if reset is None else None
        at.sim.fail_next("GET", path, times=9, reset=reset, status=status)  # type: ignore[arg-type]  # of a parameter
        error = await at.refused()
        assert (error.doubtful, error.permanent, error.fault) == (False, False, None)


async def test_a_machine_that_cannot_be_reached_is_not_in_doubt() -> None:
    async with desk() as at:
        await at.platform.send(at.place, STORY, "k0")
        await at.sim.go_down()
        assert (await at.refused()).doubtful  # the connection broke with the post on it
        error = await at.refused()
        assert (error.doubtful, error.permanent) == (False, False)
        assert "cannot be reached" in str(error)


async def test_an_answer_that_breaks_off_leaves_the_post_in_doubt() -> None:
    async with desk() as at:
        at.sim.fail_next("POST", MESSAGES, reset="after")
        assert (await at.refused()).doubtful
        assert len(at.channel.history()) == 1
