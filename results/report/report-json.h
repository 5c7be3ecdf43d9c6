/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * report-json -- what the files that make summary.json share. Known to report-json*.c only.
 */
#pragma once

#include <jansson.h>

#include "results/report/report.h"

void json_put(json_t *object, const char *key, uint64_t value);
/* Text that is not UTF-8 is "?". */
void json_put_text(json_t *object, const char *key, const char *text);
/* "" for 0. */
void json_put_time(json_t *object, const char *key, int64_t time_ms);

json_t *report_resolvers_json(const struct tally *tally);
json_t *report_agreement_json(const struct agreement *agreement);
/* Of a table with "zone cause-id" -> names: the first `most` of them, the zone under that key. */
json_t *report_faults_json(struct counts *table, const char *key, size_t most);
json_t *report_changes_json(const struct tally *tally, const struct trend *trend);
json_t *report_trend_json(const struct trend *trend);
