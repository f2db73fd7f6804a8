/* align.c - the namespaces of one snapshot found in the other; see tcpadvise/diff.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "diff/parts.h"

int ta_diff_same_boot(const json_t *before, const json_t *after)
{
	const char *one = ta_json_string(json_object_get(before, "host"), "boot_id");
	const char *other = ta_json_string(json_object_get(after, "host"), "boot_id");

	if (!one || !other)
		return -1;
	return strcmp(one, other) == 0;
}

/* A name that somebody or something gave it, and that is no other namespace's later. */
static bool has_given_name(const json_t *namespace)
{
	const char *kind = ta_json_text(namespace, "kind");

	return *kind && strcmp(kind, "current") != 0 && strcmp(kind, "process") != 0;
}

static bool inode_text(const json_t *namespace, char *text, size_t size)
{
	const json_t *inode = json_object_get(namespace, "inode");

	if (!inode)
		return false;
	snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(inode));
	return true;
}

json_t *ta_diff_namespaces(const json_t *snapshot)
{
	json_t *names = json_object(), *namespace;
	size_t i;

	json_array_foreach (json_object_get(snapshot, "namespaces"), i, namespace)
		if (!json_object_get(names, ta_json_text(namespace, "name")) &&
		    json_object_set(names, ta_json_text(namespace, "name"), namespace) < 0) {
			json_decref(names);
			return NULL;
		}
	return names;
}

/* The namespaces by name and by inode; the first of a kind counts. */
struct index {
	json_t *names, *inodes;
};

static bool index_init(struct index *ret, const json_t *snapshot)
{
	json_t *namespace;
	char inode[24];
	size_t i;
	bool ok;

	ret->names = ta_diff_namespaces(snapshot);
	ret->inodes = json_object();
	ok = ret->names && ret->inodes;
	json_array_foreach (json_object_get(snapshot, "namespaces"), i, namespace)
		if (ok && inode_text(namespace, inode, sizeof(inode)) &&
		    !json_object_get(ret->inodes, inode))
			ok = json_object_set(ret->inodes, inode, namespace) == 0;
	return ok;
}

static void index_done(struct index *index)
{
	json_decref(index->names);
	json_decref(index->inodes);
}

struct alignment {
	json_t *before; /* the snapshot */
	struct index old, new;
	int same_boot;
	bool alone; /* each side has one namespace */
	json_t *renamed;
};

/* The only namespace of each side is taken for the same one, unless something says that it is
 * not. */
static bool may_be_the_same(const struct alignment *alignment, const json_t *before,
			    const json_t *after)
{
	bool differ = alignment->same_boot == 1 && json_object_get(before, "inode") &&
		      json_object_get(after, "inode");

	return alignment->alone && !differ && !(has_given_name(before) && has_given_name(after));
}

/* The namespace of "after" that this one is, though it has another name there; *ret_by says what
 * tells. */
static const json_t *find_again(const struct alignment *alignment, const json_t *before,
				const char **ret_by)
{
	const json_t *found = NULL;
	const char *key;
	json_t *only;
	char inode[24];

	*ret_by = "inode";
	if (alignment->same_boot == 1 && inode_text(before, inode, sizeof(inode)))
		found = json_object_get(alignment->new.inodes, inode);
	if (found && !(has_given_name(before) && has_given_name(found)))
		return found;
	*ret_by = "alone";
	json_object_foreach (alignment->new.names, key, only)
		if (may_be_the_same(alignment, before, only))
			return only;
	return NULL;
}

/* Gaps tell by name which namespaces they are about. */
static bool rename_in_gaps(json_t *snapshot, const char *was, const char *name)
{
	json_t *gap, *names, *one;
	bool ok = true;
	size_t i, k;

	json_array_foreach (json_object_get(snapshot, "gaps"), i, gap) {
		names = json_object_get(gap, "namespaces");
		json_array_foreach (names, k, one)
			if (ok && strcmp(json_string_value(one), was) == 0)
				ok = json_array_set_new(names, k, json_string(name)) == 0;
	}
	return ok;
}

static bool rename_one(struct alignment *alignment, json_t *namespace, const char *name,
		       const char *by)
{
	const char *was = ta_json_text(namespace, "name");
	json_t *entry = json_pack("{s:s, s:s}", "was", was, "by", by);

	return ta_json_set(alignment->renamed, name, entry) &&
	       rename_in_gaps(alignment->before, was, name) &&
	       ta_json_set(namespace, "name", json_string(name));
}

static bool align_one(struct alignment *alignment, json_t *namespace)
{
	const json_t *found;
	const char *by, *name;

	if (json_object_get(alignment->new.names, ta_json_text(namespace, "name")))
		return true;
	found = find_again(alignment, namespace, &by);
	name = ta_json_text(found, "name");
	if (!found || json_object_get(alignment->old.names, name) ||
	    json_object_get(alignment->renamed, name))
		return true;
	return rename_one(alignment, namespace, name, by);
}

bool ta_diff_align(json_t *before, const json_t *after, json_t **ret, struct ta_error *err)
{
	json_t *namespaces = json_object_get(before, "namespaces"), *namespace;
	const json_t *others = json_object_get(after, "namespaces");
	struct alignment alignment = {
		.before = before,
		.same_boot = ta_diff_same_boot(before, after),
		.alone = json_array_size(namespaces) == 1 && json_array_size(others) == 1,
		.renamed = json_object(),
	};
	bool ok = index_init(&alignment.old, before);
	size_t i;

	ok = index_init(&alignment.new, after) && ok && alignment.renamed;
	json_array_foreach (namespaces, i, namespace)
		ok = ok && align_one(&alignment, namespace);
	index_done(&alignment.old);
	index_done(&alignment.new);
	if (!ok) {
		json_decref(alignment.renamed);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	*ret = alignment.renamed;
	return true;
}
