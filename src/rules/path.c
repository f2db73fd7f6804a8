/* path.c - see path.h. */
#include "rules/path.h"

enum { ELEMENTS_MAX = 64 }; /* of a list that are looked at */

bool ta_path_leads_to(const char *path, const char *to)
{
	size_t len = strlen(path);

	return strncmp(to, path, len) == 0 && (to[len] == '.' || to[len] == '[' || to[len] == '\0');
}

size_t ta_path_parent(const char *path, size_t len)
{
	if (len > 2 && path[len - 1] == ']' && path[len - 2] == '"')
		for (len -= 2; len > 2 && strncmp(path + len - 2, "[\"", 2) != 0;)
			len--;
	while (len > 0 && path[len - 1] != '.' && path[len - 1] != '[')
		len--;
	return len > 0 ? len - 1 : 0;
}

static bool next_key(const char **path, struct ta_path_step *ret)
{
	const char *key = *path + strlen("[\""), *end = strstr(key, "\"]");

	if (!end)
		return false;
	*ret = (struct ta_path_step){ TA_PATH_KEY, ta_slice(key, (size_t)(end - key)) };
	*path = end + strlen("\"]");
	return true;
}

bool ta_path_next(const char **path, struct ta_path_step *ret)
{
	const char *at = *path;

	if (strncmp(at, "[\"", strlen("[\"")) == 0)
		return next_key(path, ret);
	if (strncmp(at, "[]", strlen("[]")) == 0) {
		*ret = (struct ta_path_step){ .kind = TA_PATH_ELEMENTS };
		*path = at + strlen("[]");
		return true;
	}
	at += *at == '.';
	*ret = (struct ta_path_step){ TA_PATH_MEMBER, ta_slice(at, strcspn(at, ".[")) };
	*path = at + ret->name.len;
	return ret->name.len > 0;
}

bool ta_path_is_absent(const json_t *document, const char *path)
{
	struct ta_path_step step;
	const json_t *element;
	size_t i;

	while (document && ta_path_next(&path, &step)) {
		if (step.kind != TA_PATH_ELEMENTS) {
			document = json_object_getn(document, step.name.data, step.name.len);
			continue;
		}
		json_array_foreach (document, i, element)
			if (i < ELEMENTS_MAX && !ta_path_is_absent(element, path))
				return false;
		return json_array_size(document) > 0;
	}
	return !document;
}
