/* SPDX-License-Identifier: MIT */
#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

struct blob *
blob_new(const void *data, size_t len)
{
	struct blob *blob;

	if (len > UINT32_MAX - sizeof(*blob) - BLOB_HEADROOM)
		return NULL;
	blob = malloc(sizeof(*blob) + BLOB_HEADROOM + len);
	if (blob == NULL)
		return NULL;
	blob->refs = 1;
	blob->len = (uint32_t)len;
	blob->head = 0;
	if (len != 0)
		memcpy(blob_payload(blob), data, len);
	return blob;
}

struct blob *
blob_ref(struct blob *blob)
{
	blob->refs++;
	return blob;
}

void
blob_unref(struct blob *blob)
{
	if (blob != NULL && --blob->refs == 0)
		free(blob);
}
