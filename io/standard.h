/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * standard -- the three descriptors that every program has, or should have, and the signals that
 * writing to them brings.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* First of all in main(): one that is closed must not become one of our files. What is opened in its
 * place fails when used, and so does /dev/stdin. */
void standard_hold(void);
/* From now on a pipe that nobody reads, and a limit to the size of files, are errors of write(2), as
 * a full disk is, and end nobody. */
void standard_ignore_signals(void);
/* The last of what a program prints is on its way. False: errno says why not all of it is. */
bool standard_printed(FILE *out);
