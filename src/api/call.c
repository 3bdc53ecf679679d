/* SPDX-License-Identifier: MIT */
#include "api/call.h"

extern int api_call_unfinished;
int api_call_unfinished;
