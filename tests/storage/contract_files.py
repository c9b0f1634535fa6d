"""What every store promises about files: whose they are, and when they go."""

from __future__ import annotations

import pytest
from msgspec.structs import asdict, replace

from flows.errors import Conflict
from flows.model import CaseId, Change, Document, DraftId, Handled
from flows.ports import Store
from tests.storage import samples as s


class FileLifeContract:
    """A file belongs to a draft or a case, and goes with it."""

    async def brought(self, store: Store, content: bytes, name: str, number: int = 1, **had: object) -> str:
        """Store a file with a person's draft; return its hash."""
        sha256 = await store.put_file(s.HILL, content)
        before = await store.draft_of(s.HILL, s.ASH)
        draft = before or s.draft(number)
        files = (*draft.files, s.file(name, sha256, **had))
        await store.commit(Change(school=s.HILL, draft=replace(draft, files=files)))
        return sha256

    async def test_a_file_goes_with_its_draft(self, store: Store) -> None:
        """Thrown away or shredded: the file goes; a file of somebody else's stays."""
        other = await store.put_file(s.HILL, b"other")
        mine = replace(s.draft(2, person=s.BROOK), files=(s.file("f9", other),))
        await store.commit(Change(school=s.HILL, draft=mine))
        sha256 = await self.brought(store, b"abc", "f1")
        assert await store.file(s.HILL, sha256) == b"abc"
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
        assert await store.file(s.HILL, sha256) is None
        assert await store.file(s.HILL, other) == b"other"

    async def test_a_file_that_is_taken_out_goes(self, store: Store) -> None:
        """The draft stays, and so do its other files."""
        first, second = await self.brought(store, b"one", "f1"), await self.brought(store, b"two", "f2")
        draft = await store.draft_of(s.HILL, s.ASH)
        assert draft is not None
        await store.commit(Change(school=s.HILL, draft=replace(draft, files=draft.files[1:])))
        assert (await store.file(s.HILL, first), await store.file(s.HILL, second)) == (None, b"two")

    async def test_a_file_goes_on_with_the_case(self, store: Store) -> None:
        """Sending drops the draft and keeps its files; one that is gone from the case goes."""
        sha256 = await self.brought(store, b"abc", "f1")
        await store.commit(replace(s.opening(files=(s.file("f1", sha256),)), dropped_draft=DraftId("D0001")))
        assert await store.file(s.HILL, sha256) == b"abc"
        case = await store.case(s.HILL, CaseId("C0001"))
        assert case is not None
        await store.commit(Change(school=s.HILL, case=s.with_files(case, s.file("f1", sha256, gone=True))))
        assert await store.file(s.HILL, sha256) is None

    async def test_the_file_of_a_letter_stays_with_its_case(self, store: Store) -> None:
        """It is as much the case's as what was reported; it goes when the case has it no more."""
        sha256 = await store.put_file(s.HILL, b"letter")
        had = Document(**asdict(s.file("d1", sha256)), of="invitation")
        await store.commit(replace(s.opening(), case=s.case(documents=(had,))))
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
        assert await store.file(s.HILL, sha256) == b"letter"
        case = await store.case(s.HILL, CaseId("C0001"))
        assert case is not None
        assert case.documents == (had,)
        await store.commit(Change(school=s.HILL, case=replace(case, documents=())))
        assert await store.file(s.HILL, sha256) is None

    async def test_what_left_its_case_is_not_kept_by_the_draft_it_came_from(self, store: Store) -> None:
        """A report that went ahead unfinished has its draft beside it: that holds no file the case let go."""
        sha256 = await self.brought(store, b"abc", "f1")
        await store.commit(s.opening(files=(s.file("f1", sha256),)))
        case = await store.case(s.HILL, CaseId("C0001"))
        assert case is not None
        await store.commit(Change(school=s.HILL, case=s.with_files(case, s.file("f1", sha256, gone=True))))
        assert await store.file(s.HILL, sha256) is None

    async def test_one_content_of_two_goes_with_the_last(self, store: Store) -> None:
        """Two people bring the same picture, again while it is let go: it stays while it is used."""
        sha256 = await self.brought(store, b"abc", "f1")
        again = await store.put_file(s.HILL, b"abc")
        assert again == sha256
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
        assert await store.file(s.HILL, sha256) == b"abc", "somebody is about to have it"
        brooks = replace(s.draft(2, person=s.BROOK), files=(s.file("f2", sha256),))
        await store.commit(Change(school=s.HILL, draft=brooks))
        await self.brought(store, b"abc", "f3", 3)
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0002")))
        assert await store.file(s.HILL, sha256) == b"abc"
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0003")))
        assert await store.file(s.HILL, sha256) is None

    async def test_a_refused_change_lets_nothing_go(self, store: Store) -> None:
        """A conflict or a repeated delivery: what was there is there."""
        sha256 = await self.brought(store, b"abc", "f1")
        await store.commit(Change(school=s.HILL, handled=Handled(key="once", at=s.NOW)))
        with pytest.raises(Conflict):
            await store.commit(
                Change(school=s.HILL, case=s.case(1, version=7), dropped_draft=DraftId("D0001"))
            )
        await store.commit(
            Change(school=s.HILL, handled=Handled(key="once", at=s.NOW), dropped_draft=DraftId("D0001"))
        )
        assert await store.file(s.HILL, sha256) == b"abc"
