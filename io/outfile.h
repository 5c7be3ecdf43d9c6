/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * outfile -- a file that appears under its final name only when it is whole.
 *
 * Written as PATH.part, fsynced, renamed by outfile_commit(); every write is checked, the first
 * error sticks. What exists already and is no regular file (/dev/stderr, a FIFO, a symbolic link)
 * is never replaced: it is written where it is, without .part and rename.
 * Buffer    none: write blocks, not lines.
 * Signals   a closed pipe is an error like any other, if the program ignores SIGPIPE.
 * Errors    0 or -errno.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outfile;

/* Creates PATH.part (an old one is replaced). NULL on error, errno set. "-": standard output. */
struct outfile *outfile_create(const char *path);
int outfile_write(struct outfile *file, const void *data, size_t len);
/*
 * After a failed write (full disk, quota): throws away what is behind the first `size` octets and
 * forgets the error, so that what was whole before can be committed. A file written in place cannot
 * be cut. 0 or -errno.
 */
int outfile_cut(struct outfile *file, uint64_t size);
/* Brings what was written so far to the disk. 0 or -errno. From any thread, while the file is
 * neither committed nor abandoned. */
int outfile_sync(const struct outfile *file);
/* Octets written so far. */
uint64_t outfile_size(const struct outfile *file);
/*
 * fsync, close, rename, fsync of the directory. Frees file and sets *file to NULL, also on error
 * (the first one, if a write failed before); then PATH.part stays.
 */
int outfile_commit(struct outfile **file);
/* Closes and removes PATH.part. Accepts a pointer to NULL. */
void outfile_abandon(struct outfile **file);
/* Two programs that write files of the same names into one directory would ruin both. Locks it until
 * this program ends, however it does. False: another one has it. Where it cannot be locked, one has
 * to take care. */
bool outfile_lock_folder(const char *path);
/* Convenience: the whole content at once. */
int outfile_put(const char *path, const void *data, size_t len);
