/* SPDX-License-Identifier: MIT */
#include "api/route.h"

const struct api_routes api_message_routes = {NULL, 0};
