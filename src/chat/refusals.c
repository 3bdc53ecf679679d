/* SPDX-License-Identifier: MIT */
#include "chat/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "chat/state.h"

struct refusals {
	uint64_t n; /* ever */
	struct refused ring[REFUSALS_MAX];
};

/* As much as there is room for, ending with a whole character. */
static void
keep_text(char *room, size_t size, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	len = utf8_cut(text, len, size - 1);
	if (len != 0)
		memcpy(room, text, len);
	room[len] = '\0';
}

void
refusals_note(struct session *session, const char *conversation,
    const char *client_msg_id, size_t client_msg_id_len,
    const struct wire_error *error)
{
	struct chat *chat = session->chat;
	struct refusals *refusals = chat->refusals;
	struct refused *refused;

	if (refusals == NULL)
		refusals = chat->refusals = calloc(1, sizeof(*refusals));
	if (refusals == NULL || session->person == NULL)
		return;
	refused = &refusals->ring[refusals->n++ % REFUSALS_MAX];
	memset(refused, 0, sizeof(*refused));
	refused->at_us = chat_now_us(chat);
	refused->code = error->code;
	memcpy(refused->user, session->person->name, sizeof(refused->user));
	keep_text(refused->conversation, sizeof(refused->conversation),
	    conversation);
	if (client_msg_id_len < sizeof(refused->client_msg_id) &&
	    client_msg_id_len != 0)
		memcpy(refused->client_msg_id, client_msg_id,
		    client_msg_id_len);
	keep_text(refused->rule, sizeof(refused->rule), error->rule);
	keep_text(refused->reason, sizeof(refused->reason), error->message);
}

void
chat_each_refused(const struct chat *chat,
    void (*see)(void *arg, const struct refused *refused), void *arg)
{
	const struct refusals *refusals = chat->refusals;
	uint64_t at;

	if (refusals == NULL)
		return;
	at = refusals->n > REFUSALS_MAX ? refusals->n - REFUSALS_MAX : 0;
	for (; at < refusals->n; at++)
		see(arg, &refusals->ring[at % REFUSALS_MAX]);
}

void
refusals_free(struct refusals *refusals)
{
	free(refusals);
}
