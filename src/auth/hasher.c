/* SPDX-License-Identifier: MIT */
#include "auth/hasher.h"

#include <stdlib.h>

struct hasher {
	unsigned threads;
};

struct hasher *
hasher_new(unsigned threads, size_t queue_max, struct error *err)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));

	(void)queue_max;
	if (hasher == NULL)
		error_set(err, ERROR_NOMEM, "no memory for a hasher");
	else
		hasher->threads = threads;
	return hasher;
}

void
hasher_free(struct hasher *hasher)
{
	free(hasher);
}

int
hasher_submit(struct hasher *hasher, struct hash_job *job)
{
	(void)hasher;
	(void)job;
	return -1;
}
