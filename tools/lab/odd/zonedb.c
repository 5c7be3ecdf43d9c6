/* SPDX-License-Identifier: BSD-2-Clause */
/* A zone file in memory: two sorted tables of names, one plain and one of NSEC3 hashes. */
#include "tools/lab/odd/odd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rr_order(const void *a, const void *b)
{
	const ldns_rr *x = *(ldns_rr *const *)a, *y = *(ldns_rr *const *)b;

	return ldns_dname_compare(ldns_rr_owner(x), ldns_rr_owner(y));
}

static ldns_rr_list *read_records(const char *path, const char *apex)
{
	FILE *f = fopen(path, "r");
	ldns_rr_list *list = ldns_rr_list_new();
	ldns_rdf *origin = ldns_dname_new_frm_str(apex), *prev = NULL;
	uint32_t ttl = 300;
	int line = 0;

	while (f && !feof(f)) {
		ldns_rr *rr = NULL;
		ldns_status status = ldns_rr_new_frm_fp_l(&rr, f, &ttl, &origin, &prev, &line);

		if (status == LDNS_STATUS_OK) {
			ldns_dname2canonical(ldns_rr_owner(rr));
			ldns_rr_list_push_rr(list, rr);
		} else if (status != LDNS_STATUS_SYNTAX_EMPTY && status != LDNS_STATUS_SYNTAX_TTL &&
			   status != LDNS_STATUS_SYNTAX_ORIGIN) {
			fprintf(stderr, "%s:%d: %s\n", path, line, ldns_get_errorstr_by_id(status));
		}
	}
	if (!f)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	else
		fclose(f);
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(prev);
	return list;
}

static bool is_denial_owner(const struct node *node)
{
	return node_has(node, LDNS_RR_TYPE_NSEC3);
}

static void note_parameters(struct zonedb *db)
{
	const ldns_rr *rr;
	const uint8_t *salt;

	if (db->n_hashed == 0)
		return;
	for (size_t i = 0; i < ldns_rr_list_rr_count(db->hashed[0].rrs); i++) {
		rr = ldns_rr_list_rr(db->hashed[0].rrs, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_NSEC3)
			continue;
		db->iterations = ldns_nsec3_iterations(rr);
		db->salt_length = ldns_nsec3_salt_length(rr);
		salt = ldns_rdf_data(ldns_nsec3_salt(rr));
		memcpy(db->salt, salt + 1, db->salt_length); /* after its length octet */
		return;
	}
}

struct zonedb *zonedb_load(const char *path, const char *apex)
{
	struct zonedb *db = calloc(1, sizeof *db);
	ldns_rr_list *list = read_records(path, apex);
	size_t n = ldns_rr_list_rr_count(list);

	if (!db || n == 0)
		goto fail;
	db->apex = ldns_dname_new_frm_str(apex);
	db->nodes = calloc(n, sizeof *db->nodes);
	db->hashed = calloc(n, sizeof *db->hashed);
	if (!db->apex || !db->nodes || !db->hashed)
		goto fail;
	qsort(list->_rrs, n, sizeof *list->_rrs, rr_order);
	for (size_t i = 0, next; i < n; i = next) {
		struct node node = {ldns_rr_owner(ldns_rr_list_rr(list, i)), ldns_rr_list_new()};

		for (next = i; next < n && rr_order(&list->_rrs[i], &list->_rrs[next]) == 0; next++)
			ldns_rr_list_push_rr(node.rrs, ldns_rr_list_rr(list, next));
		if (is_denial_owner(&node))
			db->hashed[db->n_hashed++] = node;
		else
			db->nodes[db->n_nodes++] = node;
	}
	note_parameters(db);
	ldns_rr_list_free(list);
	return db;
fail:
	ldns_rr_list_deep_free(list);
	zonedb_destroy(&db);
	return NULL;
}

void zonedb_destroy(struct zonedb **db)
{
	if (!*db)
		return;
	for (size_t i = 0; i < (*db)->n_nodes; i++)
		ldns_rr_list_deep_free((*db)->nodes[i].rrs);
	for (size_t i = 0; i < (*db)->n_hashed; i++)
		ldns_rr_list_deep_free((*db)->hashed[i].rrs);
	ldns_rdf_deep_free((*db)->apex);
	free((*db)->nodes);
	free((*db)->hashed);
	free(*db);
	*db = NULL;
}

/* How many nodes come before a name, or at it. */
static size_t rank(const struct node *nodes, size_t n, const ldns_rdf *name)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ldns_dname_compare(nodes[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct node *find_in(const struct node *nodes, size_t n, const ldns_rdf *name)
{
	size_t r = rank(nodes, n, name);

	return r > 0 && ldns_dname_compare(nodes[r - 1].name, name) == 0 ? &nodes[r - 1] : NULL;
}

const struct node *zonedb_find(const struct zonedb *db, const ldns_rdf *name)
{
	return find_in(db->nodes, db->n_nodes, name);
}

bool zonedb_exists(const struct zonedb *db, const ldns_rdf *name)
{
	size_t r = rank(db->nodes, db->n_nodes, name);

	if (r > 0 && ldns_dname_compare(db->nodes[r - 1].name, name) == 0)
		return true;
	return r < db->n_nodes && ldns_dname_is_subdomain(db->nodes[r].name, name);
}

const struct node *zonedb_before(const struct zonedb *db, const ldns_rdf *name)
{
	size_t r = rank(db->nodes, db->n_nodes, name);

	while (r > 0 && !node_has(&db->nodes[r - 1], LDNS_RR_TYPE_NSEC))
		r--;
	return r > 0 ? &db->nodes[r - 1] : NULL;
}

static ldns_rdf *hash_of(const struct zonedb *db, const ldns_rdf *name)
{
	ldns_rdf *lower = ldns_rdf_clone(name), *hash;

	ldns_dname2canonical(lower);
	hash = ldns_nsec3_hash_name(lower, LDNS_SHA1, db->iterations, db->salt_length, db->salt);
	ldns_rdf_deep_free(lower);
	if (hash)
		ldns_dname_cat(hash, db->apex);
	return hash;
}

const struct node *zonedb_hash_match(const struct zonedb *db, const ldns_rdf *name)
{
	ldns_rdf *hash = db->n_hashed ? hash_of(db, name) : NULL;
	const struct node *found = hash ? find_in(db->hashed, db->n_hashed, hash) : NULL;

	ldns_rdf_deep_free(hash);
	return found;
}

const struct node *zonedb_hash_cover(const struct zonedb *db, const ldns_rdf *name)
{
	ldns_rdf *hash = db->n_hashed ? hash_of(db, name) : NULL;
	size_t r;

	if (!hash)
		return NULL;
	r = rank(db->hashed, db->n_hashed, hash);
	ldns_rdf_deep_free(hash);
	return &db->hashed[r > 0 ? r - 1 : db->n_hashed - 1]; /* the chain is a circle */
}

bool node_has(const struct node *node, ldns_rr_type type)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(node->rrs); i++) {
		if (ldns_rr_get_type(ldns_rr_list_rr(node->rrs, i)) == type)
			return true;
	}
	return false;
}
