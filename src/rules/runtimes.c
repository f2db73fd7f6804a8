/* runtimes.c - see runtimes.h. */
#include "rules/runtimes.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"

/* A program in C, Go or Rust has any name. Each name is in rules/public.json: redaction leaves it.
 */
static const struct ta_program programs[] = {
	{ "java", "Java" },
	{ "python", "Python" },
	{ "gunicorn", "Python" },
	{ "uvicorn", "Python" },
	{ "celery", "Python" },
	{ "uwsgi", "Python" },
	{ "node", "Node.js" },
	{ "nodejs", "Node.js" },
	{ "MainThread", "Node.js" }, /* as its first thread is called since 24 */
	{ "node-MainThread", "Node.js" },
	{ "dotnet", ".NET" },
	{ "php", "PHP" },
	{ "php-fpm", "PHP" },
	{ "ruby", "Ruby" },
	{ "puma", "Ruby" },
	{ "unicorn", "Ruby" },
	{ "sidekiq", "Ruby" },
	{ "beam.smp", "Erlang/Elixir" },
	{ "nginx", "nginx" },
	{ "openresty", "nginx" },
	{ "haproxy", "HAProxy" },
	{ "apache2", "Apache httpd" },
	{ "httpd", "Apache httpd" },
	{ "envoy", "Envoy" },
	{ "docker-proxy", "Docker" },
	{ "redis-server", "Redis" },
	{ "postgres", "PostgreSQL" },
	{ "mysqld", "MySQL" },
	{ "mariadbd", "MySQL" },
	{ "mongod", "MongoDB" },
};

static const char *const languages[] = { "C",       "Go",   "Rust", "Java", "Python",
					 "Node.js", ".NET", "PHP",  "Ruby", "Erlang/Elixir" };

const struct ta_program *ta_programs(size_t *ret_count)
{
	*ret_count = TA_ARRAY_SIZE(programs);
	return programs;
}

/* Whether the program is this one, of whatever version. */
static bool is_called(const char *program, const char *name)
{
	size_t len = strlen(name);
	const char *version = program + len;

	return strncmp(program, name, len) == 0 &&
	       strspn(version, "0123456789.") == strlen(version);
}

/* NULL when the name does not tell. */
static const char *runtime_of(const char *program)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(programs); i++)
		if (is_called(program, programs[i].name))
			return programs[i].runtime;
	return NULL;
}

static bool is_language(const char *runtime)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(languages); i++)
		if (strcmp(languages[i], runtime) == 0)
			return true;
	return false;
}

json_t *ta_runtime_hints(const json_t *code, const char *program)
{
	const char *known = program ? runtime_of(program) : NULL;
	json_t *hints = json_object();
	const char *runtime;
	json_t *hint;

	json_object_foreach ((json_t *)code, runtime, hint) {
		bool fits = known ? strcmp(runtime, known) == 0 : !program || is_language(runtime);

		if (fits && !ta_json_set(hints, runtime, json_string(_(json_string_value(hint))))) {
			json_decref(hints);
			return NULL;
		}
	}
	return hints;
}
