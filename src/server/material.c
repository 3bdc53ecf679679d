/* SPDX-License-Identifier: MIT */
#include "server/material.h"

#include <string.h>

#include "server/tokens.h"

int
material_load(const struct config *config, struct material *material,
    struct error *err)
{
	memset(material, 0, sizeof(*material));
	material->trust = tokens_load(config, err);
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
