/* SPDX-License-Identifier: MIT */
#include "api/route.h"

const struct api_routes *const api_routes[] = {
    &api_account_routes, &api_me_routes, &api_people_routes, &api_device_routes,
    &api_conversation_routes, &api_message_routes, &api_group_routes,
    &api_event_routes, &api_document_routes, NULL};
