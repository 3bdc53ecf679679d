/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CHANGES_H
#define SERVER_CHANGES_H

#include "base/log.h"
#include "server/config.h"

/*
 * What differs between the configuration in force and a new one: a log line
 * for each option says whether it applies now or with the next start.
 */
void changes_report(const struct config *from, const struct config *to,
    const struct log *log);

#endif
