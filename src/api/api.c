/* SPDX-License-Identifier: MIT */
#include "api/api.h"

extern int api_unfinished;
int api_unfinished;
