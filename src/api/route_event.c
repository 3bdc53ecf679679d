/* SPDX-License-Identifier: MIT */
#include "api/route.h"

const struct api_routes api_event_routes = {NULL, 0};
