/* topics.c - see topics.h. */
#include "rules/topics.h"

#include <string.h>

#include "base/json.h"
#include "snapshot/catalogue.h"

static _Atomic(void *) published;

static void *load(struct ta_error *err)
{
	return ta_catalogue_parse("topics.json", err);
}

static void drop(void *loaded)
{
	json_decref(loaded);
}

static const json_t *list(const char *name, struct ta_error *err)
{
	return json_object_get(ta_catalogue_get(&published, load, drop, err), name);
}

const json_t *ta_classes(struct ta_error *err)
{
	return list("classes", err);
}

const json_t *ta_myths(struct ta_error *err)
{
	return list("myths", err);
}

const json_t *ta_topic_find(const json_t *topics, const char *id)
{
	size_t i;
	json_t *topic;

	json_array_foreach (topics, i, topic)
		if (strcmp(ta_json_text(topic, "id"), id) == 0)
			return topic;
	return NULL;
}
