/* tunable_check.c - see tunable_check.h. What the catalogue can say of a number alone it says by
 * min and max; what one setting demands of another is a row of "demands". */
#include "snapshot/tunable_check.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- a number alone ------------------------------------------------------------------ */

static bool check_number(const struct ta_tunable *tunable, const json_t *facts, json_int_t number,
			 struct ta_error *err)
{
	const json_t *min = json_object_get(facts, "min"), *max = json_object_get(facts, "max");

	if (json_is_integer(min) && number < json_integer_value(min))
		return ta_fail(err, TA_E_INPUT, "%s takes no value below %lld, and this is %lld",
			       tunable->key, (long long)json_integer_value(min), (long long)number);
	if (json_is_integer(max) && number > json_integer_value(max))
		return ta_fail(err, TA_E_INPUT, "%s takes no value above %lld, and this is %lld",
			       tunable->key, (long long)json_integer_value(max), (long long)number);
	return true;
}

static bool check_numbers(const struct ta_tunable *tunable, const json_t *facts,
			  const json_t *value, struct ta_error *err)
{
	bool is_range = strcmp(ta_json_text(facts, "type"), "range") == 0;
	size_t wanted = is_range ? 2 : 3, i;
	json_t *number, *before = NULL;

	if (json_array_size(value) != wanted)
		return ta_fail(err, TA_E_INPUT, "%s takes %zu numbers, and this has %zu",
			       tunable->key, wanted, json_array_size(value));
	json_array_foreach (value, i, number) {
		if (!check_number(tunable, facts, json_integer_value(number), err))
			return false;
		if (before && json_integer_value(number) < json_integer_value(before))
			return ta_fail(err, TA_E_INPUT,
				       "the numbers of %s go up from left to right", tunable->key);
		before = number;
	}
	return true;
}

/* ---- what one asks of another -------------------------------------------------------- */

/* The first number of a setting; false when it is not known. */
static bool first_of(const json_t *others, const char *key, json_int_t *ret)
{
	const json_t *value = json_object_get(others, key);

	if (json_is_array(value))
		value = json_array_get(value, 0);
	*ret = json_integer_value(value);
	return json_is_integer(value);
}

/* The first number of a key must not be below that of another: net/ipv4/sysctl_net_ipv4.c
 * (ipv4_local_port_range), kernel/sysctl.c (v6.18). */
static const struct {
	const char *key, *at_least;
} demands[] = {
	{ "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start" },
};

static bool check_demands(const struct ta_tunable *tunable, const json_t *value,
			  const json_t *others, struct ta_error *err)
{
	json_int_t own =
		json_integer_value(json_is_array(value) ? json_array_get(value, 0) : value);
	json_int_t least;

	for (size_t i = 0; i < TA_ARRAY_SIZE(demands); i++) {
		if (strcmp(tunable->key, demands[i].key) != 0 ||
		    !first_of(others, demands[i].at_least, &least) || own >= least)
			continue;
		return ta_fail(err, TA_E_INPUT, "%s must not begin below %s, which is %lld",
			       tunable->key, demands[i].at_least, (long long)least);
	}
	return true;
}

bool ta_tunable_check(const struct ta_tunable *tunable, const char *value, const json_t *others,
		      struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *parsed = NULL;
	const json_t *facts = ta_tunable_facts(tunable, err);

	if (!facts)
		return false;
	if (!ta_tunable_value(tunable, value, strlen(value), &parsed, err))
		return ta_wrap(err, "%s", tunable->key);
	if (json_is_array(parsed) && !check_numbers(tunable, facts, parsed, err))
		return false;
	if (json_is_integer(parsed) &&
	    !check_number(tunable, facts, json_integer_value(parsed), err))
		return false;
	return check_demands(tunable, parsed, others, err);
}

/* ---- values as text ------------------------------------------------------------------ */

void ta_tunable_print(struct ta_buf *out, const json_t *value)
{
	const json_t *number;
	size_t i;

	if (json_is_string(value))
		ta_buf_str(out, json_string_value(value));
	else if (json_is_integer(value))
		ta_buf_printf(out, "%lld", (long long)json_integer_value(value));
	json_array_foreach (value, i, number)
		ta_buf_printf(out, "%s%lld", i ? " " : "", (long long)json_integer_value(number));
}

json_t *ta_tunable_values(const struct ta_tunable *tunable, const json_t *snapshot,
			  const json_t *namespace_)
{
	const json_t *place =
		tunable->scope == TA_TUNABLE_NETNS ? namespace_ : json_object_get(snapshot, "host");

	return json_object_get(place, "sysctl");
}
