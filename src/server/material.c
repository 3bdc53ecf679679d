/* SPDX-License-Identifier: MIT */
#include "server/material.h"

#include <string.h>

#include "auth/trust.h"
#include "net/tickets.h"
#include "net/tls_context.h"
#include "server/tokens.h"

/* An answer in the words of the one who asked. */
#define PLAIN_BODY "{\"type\":\"about:blank\",\"title\":\"Bad Request\"," \
	"\"status\":400,\"code\":\"bad_request\",\"detail\":\"this port " \
	"speaks HTTPS: use https:// or wss://\"}\n"
static const char plain_answer[] =
	"HTTP/1.1 400 Bad Request\r\n"
	"Content-Type: application/problem+json\r\n"
	"Connection: close\r\n"
	"\r\n"
	PLAIN_BODY;

static const struct clock system_clock;

static int
load_tls(const struct config *config, const struct material *former,
    struct material *material, struct error *err)
{
	const struct config_list *keys = &config->tls.keys;
	struct tls_context_options options = {
		.certificates = config->tls.certificates.items,
		.keys = keys->n > 0 ? keys->items : NULL,
		.n = config->tls.certificates.n,
		.plain = plain_answer,
	};

	if (former != NULL)
		material->tickets = tickets_ref(former->tickets);
	else
		material->tickets = tickets_new(&system_clock, err);
	if (material->tickets == NULL)
		return -1;
	if (options.n == 0) {
		material->tls = former != NULL ? tls_context_ref(former->tls) :
		    NULL;
		return 0;
	}
	options.tickets = material->tickets;
	material->tls = tls_context_new(&options, err);
	return material->tls == NULL ? -1 : 0;
}

int
material_load(const struct config *config, const struct material *former,
    struct material *material, struct error *err)
{
	memset(material, 0, sizeof(*material));
	material->trust = tokens_load(config, false, err);
	if (material->trust != NULL &&
	    load_tls(config, former, material, err) == 0)
		return 0;
	material_drop(material);
	return -1;
}

int
material_check(const struct config *config, struct error *err)
{
	struct material material = { 0 };
	int rc = -1;

	material.trust = tokens_load(config, true, err);
	if (material.trust != NULL)
		rc = load_tls(config, NULL, &material, err);
	material_drop(&material);
	return rc;
}

void
material_copy(const struct material *material, struct material *copy)
{
	copy->trust = trust_ref(material->trust);
	copy->tickets = tickets_ref(material->tickets);
	copy->tls = tls_context_ref(material->tls);
}

void
material_drop(struct material *material)
{
	trust_unref(material->trust);
	tls_context_unref(material->tls);
	tickets_unref(material->tickets);
	memset(material, 0, sizeof(*material));
}
