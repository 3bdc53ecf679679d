# SPDX-License-Identifier: MIT
"""What a talker does beside talking: something random, again and again.

Who does what to whom is arranged so that it is known what each deed does:
roles are given to people who stay, who is kicked or leaves comes back by
themselves, and what was given up is not touched again.
"""

EMOJIS = ("+1", "\N{PARTY POPPER}", "\N{HEAVY BLACK HEART}\ufe0f")
ROLES = ("member", "moderator", "admin")
RECENT = 40  # messages that one still reacts to
CHANCE = 0.3  # that something is given up when the connection goes


class Doer:
    """Of one talker; `group` is where they may do more."""

    def __init__(self, talker, random, places, group):
        self.talker = talker
        self.random = random
        self.places = places
        self.group = group
        self.leaves = False  # comes and goes
        self.staff = {}      # owner: who is given roles -> the role
        self.guests = []     # owner: who is kicked
        self.reactions = {}  # (conversation, seq, emoji) -> on
        self.touched = set()  # messages that are deleted, or given up

    def gives_up(self):
        return self.random.random() < CHANCE

    async def act(self, kind, conversation, **members):
        return await self.talker.act(kind, conversation, self.gives_up,
                                     **members)

    async def once(self, kind, **members):
        """Not asked again: others may have undone it meanwhile."""
        await self.talker.act(kind, self.group, lambda: True, **members)

    async def step(self):
        if self.group in self.talker.out:
            await self.return_home()
            return
        deeds = [self.edit, self.edit, self.delete, self.react, self.react,
                 self.read, self.read, self.flag]
        if self.leaves:
            deeds.append(self.leave)
        if self.staff:
            deeds += [self.promote, self.kick, self.moderate] * 3
        await self.random.choice(deeds)()

    def message(self, own, places=None):
        """A recent message of one's own, or anybody's."""
        place = self.random.choice(places or self.places)
        messages = [(place, seq) for seq, sender in
                    self.talker.seen.get(place, ())[-RECENT:]
                    if (place, seq) not in self.touched and
                    (sender == self.talker.name or not own)]
        return self.random.choice(messages) if messages else (None, None)

    async def change(self, kind, place, seq, **members):
        """Changes a message, of which the end of it may be unknown."""
        if place is None:
            return
        operation = await self.act(kind, place, target=seq, **members)
        if kind == "delete" or operation.done is None:
            self.touched.add((place, seq))

    async def edit(self):
        place, seq = self.message(True)
        text = (f"w{self.talker.cluster.tick():08} edited by "
                f"{self.talker.name}")
        await self.change("edit", place, seq, text=text)

    async def delete(self):
        await self.change("delete", *self.message(True))

    async def moderate(self):
        await self.change("delete", *self.message(False, [self.group]))

    async def react(self):
        place, seq = self.message(False)
        if place is None:
            return
        emoji = self.random.choice(EMOJIS)
        on = not self.reactions.get((place, seq, emoji), False)
        self.reactions[place, seq, emoji] = on
        await self.change("react", place, seq, emoji=emoji, on=on)

    async def read(self):
        place = self.random.choice(self.places)
        seq = self.talker.stream.last_seq(place)
        if seq:
            await self.act("read", place, seq=seq)

    async def flag(self):
        await self.act("unread", self.random.choice(self.places),
                       on=self.random.random() < 0.5)

    async def leave(self):
        self.talker.out.add(self.group)
        await self.once("leave")

    async def return_home(self):
        """What it saw of its leaving may be old: the server knows."""
        answer = await self.talker.answer({"type": "members",
                                           "conversation": self.group})
        if answer and answer["type"] == "members":
            self.talker.out.discard(self.group)
        elif answer and answer["code"] == "not_member":
            await self.once("join")

    async def promote(self):
        user, role = self.random.choice(list(self.staff.items()))
        role = self.random.choice([one for one in ROLES if one != role])
        operation = await self.act("role", self.group, user=user, role=role)
        self.staff[user] = role
        if operation.done is None and len(self.staff) > 1:
            del self.staff[user]

    async def kick(self):
        await self.once("kick", user=self.random.choice(self.guests))
