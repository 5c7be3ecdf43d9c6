/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sorter -- any number of records (record.h), put in any order by several threads, handed out in
 * the order of their keys, in bounded memory.
 *
 *     put -> arena -> (full) sorted -> a run: a file in dir
 *                  -> (done) sorted ------------+--> merged -> next
 *     other files that are sorted already ------+
 *
 * Records of equal keys come in no particular order.
 * Memory   what the plan says for what is put: each writer has its part of it. Reading takes about
 *          RUN_OCTETS a run; where there are more than fit, some are merged first.
 * Files    have no names: nothing is left behind, even by kill -9. They are not compressed, which
 *          would cost as much again as sorting; keys are only told as far as they differ.
 * Threads  each writer by one thread at a time; all else by one thread at a time, when no writer is
 *          at work.
 * Errors   0 or -errno.
 */
#pragma once

#include "io/record.h"

#define SORTER_RUN_OCTETS (320 * 1024)

struct sorter_plan {
	const char *dir; /* where runs go; must outlive the sorter */
	size_t memory;
	unsigned writers;
};

struct sorter;

/* NULL when out of memory. Memory is reserved, and taken as it is needed. */
struct sorter *sorter_create(const struct sorter_plan *plan);
void sorter_destroy(struct sorter **sorter);

/* writer: below plan->writers. The record is copied; one as large as a writer's part is refused
 * (-E2BIG). */
int sorter_put(struct sorter *sorter, unsigned writer, const struct record *record);
/* This writer puts no more: sorts what it has. To be called once for each that has put. */
int sorter_close(struct sorter *sorter, unsigned writer);
/* Adds a file that was written in order by record_put(). Takes over the descriptor, also on error.
 * number: what sorter_next() tells as the source of its records; 0 stands for what was put. */
int sorter_add(struct sorter *sorter, int fd, unsigned number);

/* All writers are closed, all files added. */
int sorter_finish(struct sorter *sorter);
/* 1: a record, valid until the next call, and where it comes from; 0: the end. */
int sorter_next(struct sorter *sorter, struct record *record, unsigned *source);

/* A file that was added is read as far as it is whole; what is wrong with it is noted. */
struct sorter_damage {
	unsigned source;
	char why[200];
};
/* Those found so far. */
const struct sorter_damage *sorter_damages(const struct sorter *sorter, size_t *count);
/* Octets written to runs so far. */
uint64_t sorter_spilled(const struct sorter *sorter);
