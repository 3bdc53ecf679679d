/* SPDX-License-Identifier: MIT */
#ifndef CTL_EXPORT_H
#define CTL_EXPORT_H

#include <stdio.h>

#include "base/error.h"
#include "store/kv.h"

/*
 * Writes a snapshot of a store as lines (lines.h): all of it, or with `user`
 * (a folded name) what is that person's own: who they are, their devices,
 * blocks, memberships, marks, invitations and reactions, and the events that
 * they caused, with what they wrote; of others no more than names.
 */
int export_write(struct kv_txn *txn, const char *user, FILE *out,
    struct error *err);

#endif
