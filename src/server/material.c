/* SPDX-License-Identifier: MIT */
#include "server/material.h"

#include <string.h>

#include "auth/trust.h"

int
material_load(const struct config *config, struct material *material,
    struct error *err)
{
	const struct trust_options options = {
		.secret_file = config->token.secret_file,
		.issuer = config->token.issuer,
		.audience = config->token.audience,
	};

	memset(material, 0, sizeof(*material));
	material->trust = trust_open(&options, err);
	return material->trust == NULL ? -1 : 0;
}

void
material_copy(const struct material *material, struct material *copy)
{
	copy->trust = trust_ref(material->trust);
}

void
material_drop(struct material *material)
{
	trust_unref(material->trust);
	memset(material, 0, sizeof(*material));
}
