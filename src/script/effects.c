/* SPDX-License-Identifier: MIT */
#include "script/effects.h"

#include <string.h>

void
effects_clear(struct effects *effects)
{
	unsigned i;

	for (i = 0; i < effects->count; i++)
		json_decref(effects->list[i].request);
	effects->count = 0;
	buf_reset(&effects->bytes);
}

void
effects_fini(struct effects *effects)
{
	effects_clear(effects);
	buf_fini(&effects->bytes);
}

static size_t
keep(struct effects *effects, const char *data, size_t len)
{
	size_t at = effects->bytes.len;

	buf_append(&effects->bytes, data, len);
	buf_putc(&effects->bytes, '\0');
	return at;
}

static const char *
add(struct effects *effects, const struct effect *effect, const char *a,
    const char *b)
{
	struct effect *own;

	if (effects->count == EFFECTS_MAX)
		return "a command can do at most 64 things";
	if (effects->bytes.len + effect->a_len + effect->b_len + 2 >
	    EFFECTS_BYTES_MAX)
		return "a command can say at most 256 KiB";
	own = &effects->list[effects->count];
	*own = *effect;
	own->a = keep(effects, a, effect->a_len);
	own->b = keep(effects, b, effect->b_len);
	if (effects->bytes.failed)
		return "the server is out of memory";
	effects->count++;
	return NULL;
}

const char *
effects_send(struct effects *effects, const char *to, size_t to_len,
    const char *text, size_t text_len, bool action)
{
	const struct effect effect = {.kind = EFFECT_SEND, .action = action,
	    .a_len = to_len, .b_len = text_len};

	return add(effects, &effect, to, text);
}

const char *
effects_request(struct effects *effects, json_t *request)
{
	const struct effect effect = {.kind = EFFECT_REQUEST,
	    .request = request};
	const char *why = add(effects, &effect, "", "");

	if (why != NULL)
		json_decref(request);
	return why;
}

const char *
effects_notice(struct effects *effects, const char *text, size_t len)
{
	const struct effect effect = {.kind = EFFECT_NOTICE, .a_len = len};

	return add(effects, &effect, text, "");
}

const char *
effects_error(struct effects *effects, const char *code, const char *message)
{
	const struct effect effect = {.kind = EFFECT_ERROR,
	    .a_len = strlen(code), .b_len = strlen(message)};

	return add(effects, &effect, code, message);
}

static void
carry_out(struct effects *effects, struct effect *effect,
    const struct policy_host *host, void *arg)
{
	const char *a = effects_text(effects, effect->a);
	const char *b = effects_text(effects, effect->b);
	json_t *request = effect->request;

	switch (effect->kind) {
	case EFFECT_SEND:
		host->send(arg, a, effect->a_len, b, effect->b_len,
		    effect->action);
		break;
	case EFFECT_REQUEST:
		effect->request = NULL;
		host->request(arg, request);
		break;
	case EFFECT_NOTICE:
		host->notice(arg, a, effect->a_len);
		break;
	case EFFECT_ERROR:
		host->error(arg, a, b);
		break;
	}
}

void
effects_carry_out(struct effects *effects, const struct policy_host *host,
    void *arg)
{
	unsigned i;

	for (i = 0; i < effects->count; i++)
		carry_out(effects, &effects->list[i], host, arg);
	effects_clear(effects);
}
