"""What people type for a choice: other words for the same thing, all in small letters."""

from __future__ import annotations

from flows.ui.intents import ChatCommand

YES = frozenset(
    {"yes", "y", "yeah", "yep", "yup", "ye", "yes please", "ok", "okay", "sure", "definitely", "it does"}
)
NO = frozenset({"no", "n", "nope", "nah", "no thanks", "no thank you", "not at all", "it doesn't", "never"})
UNSURE = frozenset(
    {
        "not sure", "unsure", "not certain", "dunno", "i dunno", "don't know", "dont know", "i don't know",
        "i dont know", "idk", "no idea", "can't tell", "cant tell", "i can't tell", "i'm not sure",
        "im not sure", "maybe", "perhaps", "possibly", "might be", "could be", "?", "??", "not_sure", "ns",
    }
)  # fmt: skip
NONE = frozenset(
    {
        "none", "none of these", "none of them", "none of those", "nobody", "no one", "no-one", "noone",
        "nothing", "neither", "n/a", "na", "none apply", "none of the above", "not applicable",
    }
)  # fmt: skip
SKIP = frozenset(
    {"skip", "skip it", "skip this", "pass", "leave it", "leave empty", "leave it out", "-", "--"}
)
#: A yes and a no to what was asked back.
AGREED = frozenset(
    {
        "right", "that's right", "thats right", "yes that's right", "correct", "it is", "yes it is",
        "i do", "yes i do", "i am sure", "i'm sure", "exactly", "true", "that's them", "that one", "agreed",
    }
)  # fmt: skip
DISAGREED = frozenset(
    {
        "wrong", "that's wrong", "thats wrong", "not that", "not them", "no it isn't", "it isn't", "i don't",
        "no i don't", "not right", "that's not right", "incorrect", "no that's wrong", "not that one",
    }
)  # fmt: skip
#: What somebody types to change what was just read.
CHANGE = frozenset(
    {
        "change", "change it", "change that", "change the last one", "that's wrong", "thats wrong",
        "that is wrong", "not that", "that's not right", "thats not right", "i meant something else",
        "not what i meant", "that's not what i meant", "correct that", "wrong answer", "i made a mistake",
    }
)  # fmt: skip
GO_ON = frozenset(
    {
        "continue", "go on", "carry on", "carry on with it", "resume", "go on with it", "keep", "keep it",
        "keep going", "don't", "dont", "do not", "leave it", "where was i", "back to my report", "back",
    }
)  # fmt: skip
AWAY = frozenset(
    {
        "throw it away", "throw away", "throw it out", "bin it", "delete", "delete it", "discard",
        "get rid of it", "yes throw it away", "yes delete it", "remove it", "scrap it",
    }
)  # fmt: skip
ANEW = frozenset(
    {
        "new", "a new one", "new one", "start new", "start a new one", "start again", "start over",
        "begin again", "start a new report", "new report", "fresh", "from the beginning",
    }
)  # fmt: skip
#: Ticked by mistake.
UNTICKED = frozenset(
    {
        "mistake", "by mistake", "ticked by mistake", "no ticked by mistake", "a mistake", "it was a mistake",
        "untick", "untick it", "not that", "take it off", "wrong tick",
    }
)  # fmt: skip
#: Somebody does not want to say who.
UNSAID = frozenset(
    {
        "rather not", "rather not say", "i'd rather not", "i would rather not say", "prefer not to say",
        "i'd prefer not to say", "don't want to say", "i don't want to say", "not saying", "no comment",
    }
)  # fmt: skip
KEEP = frozenset(
    {"keep", "keep it", "next", "same", "as it is", "leave as it is", "skip", "no change", "unchanged"}
)
ALL = frozenset({"all", "all of them", "all of these", "everything"})
GREETINGS = frozenset(
    {
        "hi", "hello", "hey", "hiya", "hallo", "good morning", "good afternoon", "good evening", "morning",
        "thanks", "thank you", "thank you very much", "ta", "cheers", "ok", "okay", "bye", "hi there",
        "hello there", "👍", "👋",
    }
)  # fmt: skip

STEERING: dict[str, str] = {
    "cancel": "cancel", "stop": "cancel", "quit": "cancel", "exit": "cancel", "throw it away": "cancel",
    "throw away": "cancel", "discard": "cancel", "delete it": "cancel", "bin it": "cancel",
    "continue": "continue", "go on": "continue", "carry on": "continue", "resume": "continue",
    "where was i": "continue", "back to my report": "continue",
    "back": "back", "go back": "back", "previous": "back", "undo": "back",
    "send": "send", "send it": "send", "send the report": "send", "submit": "send", "send report": "send",
}  # fmt: skip

COMMANDS: dict[str, ChatCommand] = {
    "help": ChatCommand.HELP, "what can you do": ChatCommand.HELP, "commands": ChatCommand.HELP,
    "status": ChatCommand.STATUS, "my reports": ChatCommand.STATUS,
    "cases": ChatCommand.CASES, "open cases": ChatCommand.CASES,
    "find": ChatCommand.FIND, "search": ChatCommand.FIND, "find a case": ChatCommand.FIND,
    "subject access": ChatCommand.SUBJECT, "subject access request": ChatCommand.SUBJECT,
    "seat": ChatCommand.SEAT, "seats": ChatCommand.SEAT, "who is who": ChatCommand.SEAT,
    "away": ChatCommand.AWAY, "absences": ChatCommand.AWAY,
    "figures": ChatCommand.FIGURES, "statistics": ChatCommand.FIGURES, "numbers": ChatCommand.FIGURES,
    "wording": ChatCommand.WORDING, "yearly wording": ChatCommand.WORDING,
    "support": ChatCommand.SUPPORT, "get support": ChatCommand.SUPPORT, "helpline": ChatCommand.SUPPORT,
    "link": ChatCommand.LINK, "link my account": ChatCommand.LINK,
    "rehearse": ChatCommand.REHEARSE, "rehearsal": ChatCommand.REHEARSE,
    "drill": ChatCommand.DRILL, "practice drill": ChatCommand.DRILL,
    "digest": ChatCommand.DIGEST, "home": ChatCommand.HOME, "menu": ChatCommand.HOME,
    "report": ChatCommand.REPORT, "start": ChatCommand.REPORT, "report a posting": ChatCommand.REPORT,
    "new report": ChatCommand.REPORT, "report-posting": ChatCommand.REPORT,
    "continue": ChatCommand.REPORT, "go on": ChatCommand.REPORT, "carry on": ChatCommand.REPORT,
}  # fmt: skip

_NOT_TOLD = {"no it doesn't say that", "it doesn't say that", "doesn't say that"}
#: question -> option -> other words for it
SYNONYMS: dict[str, dict[str, frozenset[str]]] = {
    "targets": {
        "headteacher": frozenset({"head", "headteacher", "head teacher", "the head"}),
        "staff": frozenset({"staff", "a teacher", "teacher", "ta", "a colleague", "me", "staff member"}),
        "pupil": frozenset({"pupil", "child", "a child", "student", "children", "kid", "a kid", "pupils"}),
        "parent_or_other_adult": frozenset({"parent", "a parent", "another adult", "mum", "dad", "parents"}),
        "school": frozenset({"school", "the school", "our school", "us"}),
        "chair": frozenset({"chair", "the chair", "chair of governors"}),
        "governor": frozenset({"governor", "governors"}),
        "none": frozenset(
            {
                "nothing to do with us", "nothing to do with the school", "nothing to do with our school",
                "nothing to do with school", "not about us", "not our school", "not about the school",
                "another school", "a different school", "not us", "none of our business", "no one here",
            }
        ),
    },
    "staff_allegation": {
        "headteacher": frozenset({"head", "headteacher", "the headteacher", "head teacher", "the head"}),
        "staff": frozenset({"staff", "a teacher", "teacher", "ta", "a colleague"}),
        "chair": frozenset({"chair", "the chair", "the chair of governors"}),
        "governor": frozenset({"governor", "a governor"}),
        "nobody": frozenset(_NOT_TOLD),
    },
    "poster": {
        "parent_carer": frozenset({"parent", "a parent", "carer", "mum", "dad", "a mum", "a dad", "parents"}),
        "pupil": frozenset({"pupil", "child", "a child", "student"}),
        "staff": frozenset({"staff", "a teacher", "teacher", "ta", "a ta", "a colleague", "colleague"}),
        "headteacher": frozenset({"head", "headteacher", "head teacher", "the head"}),
        "chair": frozenset({"chair", "the chair"}),
        "former": frozenset({"former", "ex pupil", "ex parent", "ex staff", "used to be here"}),
        "unknown": frozenset({"unknown", "anonymous", "anon", "nobody knows", "no idea who"}),
    },
    "did": {
        "made": frozenset({"made", "made it", "wrote", "wrote it", "posted", "posted it", "they made it"}),
        "shared": frozenset({"shared", "shared it", "forwarded", "reposted", "retweeted"}),
        "responded": frozenset({"responded", "commented", "answered", "replied", "comment"}),
        "reacted_only": frozenset({"liked", "liked it", "like", "reacted", "emoji"}),
    },
    "stance": {
        "repeats_or_agrees": frozenset({"agreed", "agrees", "they agreed", "agree"}),
        "condemns_or_corrects": frozenset({"wrong", "they said it was wrong", "disagreed", "condemned"}),
        "cannot_tell": frozenset({"can't tell", "cannot tell"}),
    },
    "nature": {
        "untrue_or_inaccurate": frozenset({"untrue", "a lie", "lies", "false", "not true", "inaccurate"}),
        "abusive": frozenset({"abusive", "rude", "abuse", "insult", "insults", "bullying", "cruel"}),
        "could_harm_reputation": frozenset({"harmful", "reputation"}),
        "critical_of_leadership": frozenset({"critical", "criticism", "badly run"}),
        "genuine_concern": frozenset({"concern", "a concern", "question", "a question", "worry"}),
    },
    "platform": {
        "collaborative_space": frozenset({"facebook", "fb"}),
        "smartphone_or_messaging": frozenset({"whatsapp", "text", "sms", "messenger", "snapchat", "signal"}),
        "media_sharing": frozenset({"youtube", "tiktok", "tik tok", "instagram", "insta"}),
        "micro_blogging": frozenset({"x", "twitter", "bluesky", "threads"}),
        "internet_or_email": frozenset({"email", "e-mail", "website", "web", "internet"}),
        "forum": frozenset({"forum", "netmums", "mumsnet", "reddit"}),
        "blog": frozenset({"blog", "blogger"}),
    },
    "still_online": {
        "removed": frozenset({"no", "n", "nope", "gone", "removed", "deleted", "taken down", "it has gone"}),
        "yes": frozenset({"still there", "still up"}),
    },
    "evidence": {
        "saved": frozenset({"screenshot", "a screenshot", "saved", "a copy", "copy", "yes"}),
        "link": frozenset({"link", "a link", "url"}),
        "both": frozenset({"both"}),
        "none": frozenset({"no", "n", "nope", "none", "nothing"}),
        "skipped": frozenset({"skip", "skip this", "pass"}),
    },
    "replied": {
        "reporter": frozenset({"me", "i did", "i replied", "yes i did"}),
        "colleague": frozenset({"a colleague", "colleague"}),
        "school_account": frozenset({"the school", "school", "school account"}),
        "no": frozenset({"nobody", "no one", "no-one", "none"}),
    },
    "keep_from": {
        "headteacher": frozenset({"head", "headteacher", "head teacher", "the head"}),
        "dsl": frozenset({"dsl", "the dsl", "safeguarding lead"}),
        "chair": frozenset({"chair", "the chair"}),
        "vice_chair": frozenset({"vice chair", "vice-chair", "the vice-chair"}),
    },
    "reporter_link": {
        "is_target": frozenset({"about me", "it's about me", "me"}),
        "is_poster": frozenset({"i posted it", "i wrote it", "mine", "it was me"}),
        "is_headteacher": frozenset({"i am the head", "i'm the head", "i'm the headteacher"}),
    },
}  # fmt: skip
