/* SPDX-License-Identifier: MIT */
#ifndef API_MESSAGE_H
#define API_MESSAGE_H

#include "api/shape.h"

/*
 * What is done with one message, by its number on the server: handlers of
 * /api/messages/:id (route_message.c), and the schemas of their own.
 */
void message_get(struct api_call *call);
void message_edit(struct api_call *call);
void message_delete(struct api_call *call);
void message_react(struct api_call *call);
void message_unreact(struct api_call *call);
void message_receipts(struct api_call *call);
void message_versions(struct api_call *call);

extern const struct api_schema message_edit_schema, message_receipts_schema,
    message_versions_schema;
extern const struct api_member message_receipts_query[];

#endif
