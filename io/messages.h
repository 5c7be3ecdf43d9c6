/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * messages -- what a program has to say, on standard error: each line begins with its name.
 */
#pragma once

#include <stdio.h>

/* name: constant. NULL on error, errno set. fclose() it; standard error stays open. */
FILE *messages_open(const char *name);
