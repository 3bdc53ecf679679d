/* SPDX-License-Identifier: MIT */
#include "server/round.h"

#include <stdlib.h>

#include "server/server.h"
#include "server/worker.h"

static void
deliver_answer(struct mail *mail, void *owner)
{
	struct round *round = ((struct round_part *)(void *)mail)->round;

	(void)owner;
	if (--round->waiting > 0)
		return;
	round->done(round);
	free(round);
}

void
round_answer(struct round_part *part)
{
	part->mail.deliver = deliver_answer;
	mailbox_post(part->round->server->mailbox, &part->mail);
}

static void
deliver_question(struct mail *mail, void *owner)
{
	struct round_part *part = (struct round_part *)(void *)mail;

	if (owner != NULL)
		part->round->ask(owner, part);
	else
		round_answer(part);
}

int
round_begin(struct server *server, round_ask *ask, round_done *done,
    void *arg, struct error *err)
{
	struct round *round;
	size_t i, n = server->workers_n;

	round = calloc(1, sizeof(*round) + n * sizeof(round->parts[0]));
	if (round == NULL) {
		error_set(err, ERROR_NOMEM, "no memory to ask the workers");
		return -1;
	}
	round->server = server;
	round->ask = ask;
	round->done = done;
	round->arg = arg;
	round->waiting = round->n = n;
	for (i = 0; i < n; i++) {
		round->parts[i].round = round;
		round->parts[i].worker = server->workers[i];
		round->parts[i].mail.deliver = deliver_question;
		mailbox_post(server->workers[i]->mailbox,
		    &round->parts[i].mail);
	}
	return 0;
}
