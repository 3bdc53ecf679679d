/* SPDX-License-Identifier: MIT */
#include "api/route.h"

const struct api_routes api_group_routes = {NULL, 0};
