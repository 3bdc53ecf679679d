/* SPDX-License-Identifier: MIT */
#ifndef SERVER_MATERIAL_H
#define SERVER_MATERIAL_H

#include "base/error.h"
#include "server/config.h"

/*
 * What is read from files along with a configuration and swapped with it when
 * all of it is valid: keys of tokens, certificates.
 */
struct trust;

struct material {
	struct trust *trust;
};

/* -1: material is all zero. */
int material_load(const struct config *config, struct material *material,
    struct error *err);

/* The same things once more; for another thread. */
void material_copy(const struct material *material, struct material *copy);

/* All zero is allowed, and is what is left. */
void material_drop(struct material *material);

#endif
