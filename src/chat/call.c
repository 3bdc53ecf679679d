/* SPDX-License-Identifier: MIT */
#include "chat/call.h"

#include "chat/state.h"

struct chat_call *
chat_call(struct chat *chat, const struct chat_call_options *options,
    json_t *request)
{
	(void)chat;
	(void)options;
	json_decref(request);
	return NULL;
}

void
chat_call_forget(struct chat_call *call)
{
	(void)call;
}

void
chat_allowance(struct chat *chat, uint64_t uid,
    struct chat_allowance *allowance)
{
	(void)chat;
	(void)uid;
	*allowance = (struct chat_allowance){0};
}
