/* SPDX-License-Identifier: BSD-2-Clause */

/* What resolvers have yet to be asked: all of everything, or each name of a few; a resolver that
 * lags, one that drops out, and rows that are there from a run before. */
#include "scanner/scan/agenda.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/tap.h"

#define RESOLVERS 4
#define QTYPES	  2

static struct queue *names;
static bool dropped[RESOLVERS];
static unsigned nothing_to_do;

static void note_nothing(void *owner, struct batch *batch, struct batch_name *name)
{
	(void)owner;
	(void)name;
	nothing_to_do++;
	batch->open--;
}

static unsigned workers = 1;

static struct agenda *begin(unsigned per_name)
{
	struct agenda_config config = {.names = names = queue_create(4 * AGENDA_BATCHES),
				       .resolvers = RESOLVERS,
				       .dropped = dropped,
				       .qtype_count = QTYPES,
				       .per_name = per_name,
				       .seed = 7,
				       .nothing_to_do = note_nothing};

	struct agenda *agenda = agenda_create(&config);

	nothing_to_do = 0;
	agenda_divide(agenda, workers);
	return agenda;
}

static void end(struct agenda **agenda)
{
	agenda_destroy(agenda);
	queue_close(names);
	for (struct batch *batch; (batch = queue_take(names)) != NULL;)
		batch_destroy(&batch);
	queue_destroy(&names);
}

/* count names that nobody else has. */
static struct batch *put(uint32_t count)
{
	static unsigned number;
	struct batch_maker *maker = batch_maker_create();
	struct batch *batch;

	for (uint32_t i = 0; i < count; i++) {
		struct name name;
		char text[32];

		(void)name_normalise(&name, text, (size_t)sprintf(text, "n%07u.example", number++));
		batch_maker_add(maker, &name, i, (struct view){NULL, 0});
	}
	batch = batch_maker_take(maker);
	batch_maker_destroy(&maker);
	queue_put(names, batch);
	return batch;
}

/* As a worker does when a pair is done. */
static void done(const struct task *task)
{
	if (--task->batch->names[task->name_index].left == 0)
		task->batch->open--;
}

/* How many tasks the resolver gets; they are done at once, where `ends`. */
static unsigned work(struct agenda *agenda, int32_t resolver, bool ends)
{
	struct task task;
	unsigned count = 0;

	while (agenda_next(agenda, resolver, &task)) {
		count++;
		if (ends)
			done(&task);
	}
	return count;
}

static void all_to_all(void)
{
	struct agenda *agenda = begin(0);
	unsigned seen[QTYPES] = {0, 0};
	int32_t picked[RESOLVERS];
	struct batch *batch;
	struct task task;

	is_int(work(agenda, 0, true), 0, "no names yet");
	ok(!agenda_is_done(agenda), "but they may come");
	batch = put(10);
	while (agenda_next(agenda, 0, &task)) {
		seen[task.qtype_index]++;
		done(&task);
	}
	ok(seen[0] == 10 && seen[1] == 10, "a resolver gets each name with each QTYPE, once");
	is_int((long long)agenda_pick(agenda, batch, &batch->names[3], picked), RESOLVERS,
	       "a name goes to all");
	is_int(agenda_instead(agenda, &task, 1), -1, "nobody does it in the place of another");
	for (int32_t r = 1; r < RESOLVERS; r++)
		is_int(work(agenda, r, true), 20, "so do the others, each for itself");
	queue_close(names);
	is_int(work(agenda, 0, true), 0, "then there is nothing more");
	ok(agenda_is_done(agenda), "and it is known to be the end");
	end(&agenda);
}

/* The slowest one holds up the others once it lags so many batches behind, and no sooner. */
static void the_slow_one(unsigned most)
{
	struct agenda *agenda = begin(0);
	struct task task;

	for (unsigned i = 0; i < most + 5; i++)
		put(1);
	for (int32_t r = 1; r < RESOLVERS; r++)
		is_int(work(agenda, r, true), most * QTYPES, "so far ahead of the first");
	ok(agenda_next(agenda, 0, &task), "the slow one begins at the beginning");
	done(&task);
	is_int(work(agenda, 1, true), 0, "half a batch is not enough");
	(void)agenda_next(agenda, 0, &task);
	done(&task);
	is_int(work(agenda, 1, true), QTYPES, "for each batch it ends there is one more");
	ok(!agenda_is_done(agenda), "others have not had that one");
	end(&agenda);
}

/* Each name goes to two; what they get is all there is, and evenly spread. */
static void a_few_each(void)
{
	struct agenda *agenda = begin(2);
	unsigned count[RESOLVERS], sum = 0, uneven = 0, wrong = 0;
	int32_t picked[RESOLVERS + 2];
	struct batch *batch = put(1000);
	struct task task;

	for (int32_t r = 0; r < RESOLVERS; r++) {
		count[r] = 0;
		while (agenda_next(agenda, r, &task)) {
			size_t n = agenda_pick(agenda, task.batch,
					       &task.batch->names[task.name_index], picked);

			wrong += n != 2 || (picked[0] != r && picked[1] != r);
			count[r]++;
			if (task.batch->open > 1) /* the batch stays for what follows */
				done(&task);
		}
		sum += count[r];
		uneven += count[r] < 800 || count[r] > 1200;
	}
	is_int(sum, 2 * 1000 * QTYPES, "each name twice, with each QTYPE");
	is_int(wrong, 0, "at those that it is assigned to");
	is_int(uneven, 0, "each resolver gets about as many");
	task = (struct task){.batch = batch, .name_index = 5};
	agenda_pick(agenda, batch, &batch->names[5], picked);
	sum = (unsigned)picked[1];
	agenda_drop(agenda, picked[0]);
	agenda_drop(agenda, picked[0]);
	ok(agenda_has_dropped(agenda, picked[0]) && !agenda_has_dropped(agenda, picked[1]),
	   "one drops out");
	wrong = (unsigned)agenda_instead(agenda, &task, picked[0]);
	ok(wrong < RESOLVERS && wrong != (unsigned)picked[0] && wrong != sum,
	   "somebody else gets its names, who does not have them already");
	end(&agenda);
}

static void one_drops_out(void)
{
	struct agenda *agenda = begin(0);
	struct batch *batch = put(10);
	int32_t picked[RESOLVERS];
	struct task task;

	ok(agenda_next(agenda, 2, &task), "it has begun");
	agenda_drop(agenda, 2);
	is_int(work(agenda, 2, true), 19, "what is here is still handed out");
	done(&(struct task){.batch = batch, .name_index = task.name_index});
	put(10);
	is_int(work(agenda, 0, true), 40, "others go on");
	is_int(work(agenda, 2, true), 0, "it gets nothing of what came later");
	is_int((long long)agenda_pick(agenda, batch, &batch->names[0], picked), RESOLVERS - 1,
	       "nor does any name go to it");
	work(agenda, 1, true);
	work(agenda, 3, true);
	queue_close(names);
	ok(work(agenda, 0, true) == 0 && agenda_is_done(agenda), "and nobody waits for it");
	end(&agenda);

	agenda = begin(0);
	for (int32_t r = 0; r < RESOLVERS; r++)
		agenda_drop(agenda, r);
	put(10);
	ok(work(agenda, 0, true) == 0 && agenda_is_done(agenda),
	   "with none left no names are taken");
	end(&agenda);
}

/* Rows of a run before: those pairs are not asked, and names with all of them are done at once. */
static void rows_from_before(unsigned per_name)
{
	struct agenda *agenda = begin(per_name);
	struct batch *batch = put(100);
	unsigned sum = 0, each = per_name > 0 ? per_name : RESOLVERS;

	batch->done = cells_create(100, RESOLVERS * QTYPES);
	for (uint32_t name = 0; name < 60; name++)
		for (uint32_t column = 0; column < RESOLVERS * QTYPES; column++)
			cells_set(batch->done, name, column);
	/* of the next one everything but the second QTYPE of resolver 1 */
	for (uint32_t column = 0; column < RESOLVERS * QTYPES; column++)
		if (per_name == 0 && column != agenda_column(agenda, 1, 1))
			cells_set(batch->done, 60, column);
	for (int32_t r = 0; r < RESOLVERS; r++)
		sum += work(agenda, r, true);
	is_int(sum, (per_name > 0 ? 40 : 39) * each * QTYPES + (per_name == 0),
	       "only rows that are not there are made");
	is_int(nothing_to_do, 60, "names that have all of theirs are told");
	queue_close(names);
	ok(work(agenda, 0, true) == 0 && agenda_is_done(agenda), "then all is done");
	end(&agenda);
}

int main(void)
{
	all_to_all();
	the_slow_one(AGENDA_MOST);
	workers = 4;
	the_slow_one(AGENDA_BATCHES / 4);
	workers = 64;
	the_slow_one(AGENDA_LEAST);
	a_few_each();
	one_drops_out();
	rows_from_before(0);
	rows_from_before(2);
	dropped[3] = true;
	rows_from_before(3);
	return done_testing();
}
