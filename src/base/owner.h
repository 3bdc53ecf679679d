/* SPDX-License-Identifier: MIT */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Which of so many workers owns a person: their sessions live there, and the
 * store and the bus post there what concerns them.
 */
static inline unsigned
owner_of(uint64_t uid, size_t workers)
{
	return (unsigned)(uid % workers);
}

#endif
