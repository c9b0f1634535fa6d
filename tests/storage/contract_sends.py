"""What every store promises about sends, timers, threads, files and records."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import (
    CaseId,
    Change,
    Message,
    Place,
    Rehearsal,
    SendState,
    Timer,
    Way,
)
from flows.ports import Store
from flows.school import Platform, SchoolId
from tests.storage import samples as s

C1 = CaseId("C0001")


class SendContract:
    """Sends, timers, threads."""

    async def test_a_send_is_inserted_once(self, store: Store) -> None:
        """A key that exists is left as it is, inside one change and across changes."""
        first = s.send(1, "a", facts={"n": "1"})
        again = s.send(1, "a", facts={"n": "2"})
        await store.commit(Change(school=s.HILL, new_sends=(first, again)))
        await store.commit(Change(school=s.HILL, new_sends=(again,)))
        assert await store.send(s.HILL, first.key) == s.stored(first)
        assert await store.sends_of(s.HILL, C1) == [s.stored(first)]

    async def test_an_edit_planned_again_is_due_again(self, store: Store) -> None:
        """One row, one version on: whoever has the former one in hand is told that it has changed."""
        edit = s.send(1, "a/edit", way=Way.EDIT, root="C0001/a")
        await store.commit(Change(school=s.HILL, new_sends=(edit,)))
        sent = replace(edit, state=SendState.SENT, posted=s.posted("m1"), version=1)
        await store.commit(Change(school=s.HILL, updated_sends=(sent,)))
        again = replace(edit, due=s.later(5))
        await store.commit(Change(school=s.HILL, new_sends=(again,)))
        assert await store.sends_of(s.HILL, C1) == [replace(again, version=3)]
        assert await store.due_sends(s.later(5)) == [replace(again, version=3)]
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, updated_sends=(replace(sent, version=2),)))

    async def test_a_send_changes_by_version(self, store: Store) -> None:
        """Attempted is still due, sent is not; where it landed is remembered."""
        waiting = s.send(1, "a")
        await store.commit(Change(school=s.HILL, new_sends=(waiting,)))
        attempted = replace(waiting, state=SendState.ATTEMPTED, attempts=1, attempted_at=s.NOW, version=1)
        await store.commit(Change(school=s.HILL, updated_sends=(attempted,)))
        assert await store.due_sends(s.NOW) == [s.stored(attempted)]
        sent = replace(attempted, state=SendState.SENT, posted=s.posted("m1"), version=2)
        await store.commit(Change(school=s.HILL, updated_sends=(sent,)))
        assert await store.due_sends(s.NOW) == []
        assert await store.send(s.HILL, waiting.key) == s.stored(sent)

    async def test_several_sends_are_read_at_once(self, store: Store) -> None:
        """By the keys that were asked for; one that is not there, or another school's, is left out."""
        sends = s.send(1, "a"), s.send(1, "b"), s.send(2, "a")
        await store.commit(Change(school=s.HILL, new_sends=sends))
        asked = sends[2].key, "never/there", sends[0].key
        found = await store.sends(s.HILL, asked)
        assert list(found.items()) == [(send.key, s.stored(send)) for send in (sends[2], sends[0])]
        assert await store.sends(s.DALE, asked) == {}
        assert await store.sends(s.HILL, ()) == {}

    @pytest.mark.parametrize("state", [SendState.DROPPED, SendState.FAILED, SendState.SENT])
    async def test_a_send_that_is_over_is_not_due(self, store: Store, state: SendState) -> None:
        """Nor does it wake the worker."""
        await store.commit(Change(school=s.HILL, new_sends=(s.send(1, "a", state=state),)))
        assert await store.due_sends(s.later(10**6)) == []
        assert await store.next_due() is None

    async def test_a_rehearsal_and_its_messages_go_without_a_trace(self, store: Store) -> None:
        """It is changed by version; over, its keys are free again, and whoever has one in hand is told."""
        tried = Rehearsal(id="R1", school=s.HILL, by=s.ASH, at=s.NOW, until=s.later(9), asked=())
        sends = s.send(1, "a"), s.send(1, "b")
        await store.commit(Change(school=s.HILL, rehearsal=tried, new_sends=sends))
        assert await store.rehearsal(s.HILL) == replace(tried, version=1)
        assert await store.rehearsal(s.DALE) is None
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, rehearsal=tried))
        await store.commit(Change(school=s.HILL, rehearsal=replace(tried, ended_at=s.NOW, version=1)))
        over = Change(school=s.HILL, rehearsal_over=True, dropped_sends=(sends[0].key, "never/there"))
        await store.commit(over)
        assert await store.rehearsal(s.HILL) is None
        assert await store.send(s.HILL, sends[0].key) is None
        assert [send.key for send in await store.due_sends(s.NOW)] == [sends[1].key]
        assert [send.key for send in await store.sends_of(s.HILL, C1)] == [sends[1].key]
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, updated_sends=(s.stored(sends[0]),)))
        await store.commit(Change(school=s.HILL, rehearsal=tried, new_sends=sends))
        assert await store.send(s.HILL, sends[0].key) == s.stored(sends[0])

    async def test_due_sends_are_oldest_first(self, store: Store) -> None:
        """Of every school; of those due together the lower ``order``, then the one kept first."""
        sends = (
            s.send(1, "later", due=s.later(2)),
            s.send(1, "second", due=s.later(1), order=1),
            s.send(1, "first", due=s.later(1)),
            s.send(1, "first too", due=s.later(1)),
            s.send(1, "not yet", due=s.later(9)),
        )
        await store.commit(Change(school=s.HILL, new_sends=sends))
        dale = s.send(1, "dale", school=s.DALE, due=s.NOW)
        await store.commit(Change(school=s.DALE, new_sends=(dale,)))
        due = [send.key.partition("/")[2] for send in await store.due_sends(s.later(2))]
        assert due == ["dale", "first", "first too", "second", "later"]
        assert len(await store.due_sends(s.later(2), most=2)) == 2

    async def test_sends_of_a_case_keep_their_order(self, store: Store) -> None:
        """By ``order``, then as inserted, also after one of them changed."""
        sends = tuple(
            s.send(1, name, order=order) for name, order in (("b", 1), ("z", 0), ("a", 0), ("c", 1))
        )
        await store.commit(Change(school=s.HILL, new_sends=sends))
        await store.commit(Change(school=s.HILL, updated_sends=(s.stored(sends[1]),)))
        assert [send.key[-1] for send in await store.sends_of(s.HILL, C1)] == ["z", "a", "b", "c"]

    async def test_a_timer_is_set_moved_and_over(self, store: Store) -> None:
        """One per key; setting it again moves it; over, it is gone; a stranger's key is nothing."""
        await store.commit(Change(school=s.HILL, timers=(s.timer(1, minutes=5), s.timer(2, minutes=3))))
        assert [timer.case for timer in await store.due_timers(s.later(5))] == ["C0002", "C0001"]
        await store.commit(Change(school=s.HILL, timers=(s.timer(1, minutes=1),)))
        assert await store.due_timers(s.later(2)) == [s.timer(1, minutes=1)]
        assert await store.next_due() == s.later(1)
        await store.commit(Change(school=s.HILL, cancelled_timers=("C0001/acknowledge", "C0009/acknowledge")))
        assert await store.due_timers(s.later(5)) == [s.timer(2, minutes=3)]
        assert await store.due_timers(s.later(5), most=0) == []

    async def test_a_timer_is_found_by_its_key_before_it_is_due(self, store: Store) -> None:
        """As it was set last; once it is over there is none; and nobody else's."""
        timer: Timer = s.timer(1, minutes=5)
        assert await store.timer(s.HILL, timer.key) is None
        await store.commit(Change(school=s.HILL, timers=(s.timer(1, minutes=9),)))
        await store.commit(Change(school=s.HILL, timers=(timer,)))
        assert await store.timer(s.HILL, timer.key) == timer
        assert await store.timer(s.DALE, timer.key) is None
        await store.commit(Change(school=s.HILL, cancelled_timers=(timer.key,)))
        assert await store.timer(s.HILL, timer.key) is None

    async def test_every_timer_of_a_school_is_found(self, store: Store) -> None:
        """Due or not, in whosever hands the school is; of no other school."""
        await store.commit(Change(school=s.HILL, timers=(s.timer(2, minutes=10**6), s.timer(1))))
        await store.commit(Change(school=s.DALE, timers=(s.timer(1, school=s.DALE),)))
        await store.due_timers(s.later(60))
        assert await store.timers(s.HILL) == [s.timer(1), s.timer(2, minutes=10**6)]
        assert list(await store.timers(SchoolId("none"))) == []

    async def test_a_timer_that_ends_and_is_set_again_in_one_change_stands(self, store: Store) -> None:
        """What is over goes first, what is set comes after."""
        await store.commit(Change(school=s.HILL, timers=(s.timer(1, minutes=1),)))
        moved: Timer = s.timer(1, minutes=9)
        await store.commit(Change(school=s.HILL, cancelled_timers=(moved.key,), timers=(moved,)))
        assert await store.due_timers(s.later(9)) == [moved]

    async def test_timers_of_two_schools_are_two(self, store: Store) -> None:
        """The same key in two schools is two timers; ending one leaves the other."""
        await store.commit(Change(school=s.HILL, timers=(s.timer(1),)))
        await store.commit(Change(school=s.DALE, timers=(s.timer(1, school=s.DALE),)))
        await store.commit(Change(school=s.HILL, cancelled_timers=(s.timer(1).key,)))
        assert await store.due_timers(s.later(60)) == [s.timer(1, school=s.DALE)]

    async def test_what_is_due_besides_some_schools(self, store: Store) -> None:
        """Schools that are named are passed over, whatever of them is due first; named none, all come."""
        for school in (s.HILL, s.DALE):
            due = (s.send(1, "a", school=school, due=s.later(1)),)
            await store.commit(Change(school=school, new_sends=due, timers=(s.timer(1, school=school),)))
        for read in (store.due_sends, store.due_timers):
            both = await read(s.later(60))
            assert {one.school for one in both} == {s.HILL, s.DALE}
            assert {one.school for one in await read(s.later(60), but={s.HILL}, most=1)} == {s.DALE}
            assert await read(s.later(60), but={s.HILL, s.DALE}) == []

    async def test_the_next_due_is_the_first_of_both(self, store: Store) -> None:
        """A send or a timer, whichever is sooner."""
        await store.commit(Change(school=s.HILL, timers=(s.timer(1, minutes=7),)))
        assert await store.next_due() == s.later(7)
        await store.commit(Change(school=s.DALE, new_sends=(s.send(1, "a", school=s.DALE, due=s.later(3)),)))
        assert await store.next_due() == s.later(3)

    async def test_nothing_rests_apart_that_opens(self, store: Store) -> None:
        """What was kept whole is due, not set apart; forgetting what rests apart forgets nothing of it."""
        await store.commit(Change(school=s.HILL, new_sends=(s.send(1, "a"),), timers=(s.timer(1),)))
        assert len(await store.due_sends(s.later(9))) == 1
        assert list(await store.apart()) == []
        await store.forget_apart()
        assert len(await store.due_timers(s.later(60))) == 1

    async def test_a_thread_leads_to_its_case(self, store: Store) -> None:
        """A posted root or card, by message or by thread; not a notice, not another channel or school."""
        root = s.send(1, "root", state=SendState.SENT, posted=s.posted("m1"), message=Message.UPDATE)
        card = s.send(1, "card", way=Way.REPLY, state=SendState.SENT, posted=s.posted("m2", "t2"))
        notice = s.send(2, "n", way=Way.DIRECT, message=Message.NOTICE, place=None, person=s.ASH)
        moved = s.send(3, "root", place=Place.RESTRICTED)
        await store.commit(Change(school=s.HILL, new_sends=(root, card, notice, moved)))
        posted = replace(notice, state=SendState.SENT, posted=s.posted("m3"), version=1)
        landed = replace(moved, state=SendState.SENT, posted=s.posted("m4"), version=1)
        await store.commit(Change(school=s.HILL, updated_sends=(posted, landed)))
        wanted = {"m1": C1, "m2": C1, "t2": C1, "m3": None, "m4": CaseId("C0003"), "m9": None}
        for message, case in wanted.items():
            assert await store.thread(s.HILL, Platform.SLACK, "C-lead", message) == case, message
        assert await store.thread(s.HILL, Platform.SLACK, "C-else", "m1") is None
        assert await store.thread(s.HILL, Platform.TEAMS, "C-lead", "m1") is None
        assert await store.thread(s.DALE, Platform.SLACK, "C-lead", "m1") is None


class FileContract:
    """Evidence files and adapters' records."""

    async def test_a_file_is_kept_by_what_it_holds(self, store: Store) -> None:
        """Its name is its SHA-256; twice is once; another school does not see it."""
        sha256 = await store.put_file(s.HILL, b"abc")
        assert sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert await store.put_file(s.HILL, b"abc") == sha256
        assert await store.file(s.HILL, sha256) == b"abc"
        assert await store.file(s.DALE, sha256) is None
        assert await store.file(s.HILL, "../../etc/passwd") is None

    @pytest.mark.parametrize("content", [b"", bytes(range(256)) * 5000], ids=["empty", "large"])
    async def test_a_file_comes_back_as_it_was(self, store: Store, content: bytes) -> None:
        """Empty or over a megabyte."""
        assert await store.file(s.HILL, await store.put_file(s.HILL, content)) == content

    async def test_records_are_kept_by_platform_and_key(self, store: Store) -> None:
        """Replaced, listed by prefix, forgotten; another platform's are its own."""
        await store.put_record(Platform.SLACK, "installation/T1", b"\x00one")
        await store.put_record(Platform.SLACK, "installation/T1", b"two")
        await store.put_record(Platform.SLACK, "install%", b"")
        await store.put_record(Platform.TEAMS, "installation/T9", b"nine")
        assert await store.record(Platform.SLACK, "installation/T1") == b"two"
        assert await store.record(Platform.SLACK, "install%") == b""
        assert await store.record(Platform.TEAMS, "installation/T1") is None
        assert await store.records(Platform.SLACK, "install") == ["install%", "installation/T1"]
        assert await store.records(Platform.SLACK, "install%") == ["install%"]
        await store.remove_record(Platform.SLACK, "installation/T1")
        await store.remove_record(Platform.SLACK, "installation/T1")
        assert await store.record(Platform.SLACK, "installation/T1") is None
        assert await store.records(Platform.TEAMS, "") == ["installation/T9"]

    async def test_a_record_is_replaced_if_it_is_as_it_was(self, store: Store) -> None:
        """None, or what was read; whoever read an older one, or none, keeps nothing and is told so."""
        put = partial(store.replace_record, Platform.WEB, "page/1")
        assert not await put(b"two", before=b"one")
        assert await store.record(Platform.WEB, "page/1") is None
        assert await put(b"one", before=None)
        assert not await put(b"two", before=None)
        assert await put(b"two", before=b"one")
        assert not await put(b"three", before=b"one")
        assert await store.record(Platform.WEB, "page/1") == b"two"
        await store.remove_record(Platform.WEB, "page/1")
        assert not await put(b"three", before=b"two")
        assert await store.records(Platform.WEB, "") == []

    async def test_of_many_who_replace_a_record_one_does(self, store: Store) -> None:
        """All at once, each knowing the same."""
        puts = (store.replace_record(Platform.WEB, "n", bytes([n]), before=None) for n in range(8))
        won = await asyncio.gather(*puts)
        assert won.count(True) == 1
        assert await store.record(Platform.WEB, "n") == bytes([won.index(True)])

    async def test_a_record_goes_when_its_time_is_over(self, store: Store) -> None:
        """Of its platform, and not before; it may be given more time, or for ever."""
        for key, minutes in (("a", 10), ("b", 20), ("c", 10), ("d", 10)):
            await store.replace_record(Platform.WEB, key, b"", before=None, until=s.later(minutes))
        await store.replace_record(Platform.TEAMS, "a", b"", before=None, until=s.later(10))
        await store.replace_record(Platform.WEB, "c", b"", before=b"", until=s.later(20))
        await store.put_record(Platform.WEB, "d", b"")
        await store.put_record(Platform.WEB, "e", b"")
        left = {9: "abcde", 10: "bcde", 20: "de", 10**6: "de"}
        for minutes, keys in left.items():
            await store.forget_records(Platform.WEB, s.later(minutes))
            assert "".join(await store.records(Platform.WEB, "")) == keys
        assert await store.records(Platform.TEAMS, "") == ["a"]
