/* cmd_eval.c - tcpadvise eval EXPR: one expression over a snapshot, its answer as JSON. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/collecting.h"
#include "cli/options.h"
#include "cli/output.h"
#include "expr/json.h"
#include "tcpadvise/expr.h"

enum {
	MAX_DOCUMENT = 512 * 1024 * 1024,
	MAX_SOURCE = 1024 * 1024, /* bytes read; the compiler says what is too long */
};

/* What an expression is held against: one variable a member of a JSON object. */
struct session {
	struct ta_buf source; /* the expression, which may hold NUL */
	struct ta_env *env;
	struct ta_eval *eval;
	json_t *variables;
	struct ta_value *slots;
	struct ta_expr *expr;
	struct ta_diags diags;
};

static void session_done(struct session *session)
{
	ta_expr_free(session->expr);
	ta_diags_done(&session->diags);
	ta_eval_free(session->eval);
	ta_env_free(session->env);
	free(session->slots);
	json_decref(session->variables);
	ta_buf_done(&session->source);
}

/* A whole file; "-" is standard input. */
static bool read_file(const char *path, struct ta_buf *text, struct ta_error *err)
{
	if (strcmp(path, "-") == 0)
		return ta_file_read_fd(STDIN_FILENO, "standard input", text, err);
	return ta_file_read(AT_FDCWD, path, text, err);
}

static bool load_source(struct session *session, const struct ta_settings *settings,
			char *const *args, struct ta_error *err)
{
	if (settings->expr_file)
		return read_file(settings->expr_file, &session->source, err);
	ta_buf_str(&session->source, args[0]);
	return ta_buf_ok(&session->source, err);
}

/* ---- variables ---------------------------------------------------------------------- */

static bool read_object(const char *path, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_DOCUMENT);
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	json_error_t json_err;

	if (!read_file(path, &text, err))
		return false;
	*ret = json_loadb(ta_buf_cstr(&text), text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
			  &json_err);
	if (!*ret) {
		ta_fail(err, TA_E_INPUT, "%s", json_err.text);
		return ta_fail_at(err, name, json_err.line, json_err.column);
	}
	if (!json_is_object(*ret))
		return ta_fail(err, TA_E_INPUT, "%s holds no JSON object", name);
	return true;
}

/* Whether the expression names a member of the snapshot: 1 + 1 needs no look at the host. */
static bool names_facts(const struct ta_buf *source)
{
	static const char *const members[] = {
		"schema",    "taken_at",   "collection",         "host",     "files",
		"processes", "namespaces", "kernel_log",         "settings", "limits",
		"reported",  "gaps",       "processes_left_out",
	};
	struct ta_env *env = ta_env_new();
	struct ta_diags diags = { 0 };
	struct ta_expr *expr;
	bool names = false;

	for (size_t i = 0; env && i < TA_ARRAY_SIZE(members); i++)
		ta_env_declare(env, members[i], ta_type_scalar(TA_DYN), NULL);
	expr = env ? ta_expr_compile(env, TA_CHECK_SYNTAX, ta_buf_cstr(source), source->len, &diags)
		   : NULL;
	for (size_t i = 0; expr && i < TA_ARRAY_SIZE(members); i++)
		names |= ta_expr_uses(expr, i);
	ta_diags_done(&diags);
	ta_expr_free(expr);
	ta_env_free(env);
	return names;
}

/* One sample unless --sample asks for two: an expression about rates is rare. */
static bool collect(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	struct ta_settings own = *settings;

	if (!own.sample_given)
		own.sample_ms = 0;
	return ta_collecting_run(&own, ret, err);
}

/* The object whose members are the variables: that of --vars, a saved snapshot, this host. */
static bool load_variables(const struct ta_settings *settings, const struct ta_buf *source,
			   json_t **ret, struct ta_error *err)
{
	if (settings->typed && settings->vars)
		return read_object(settings->vars, ret, err);
	if (settings->input.count > 0)
		return read_object(settings->input.items[0], ret, err);
	if (!settings->typed && names_facts(source))
		return collect(settings, ret, err);
	*ret = json_object();
	return *ret || ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool declare(struct session *session, const struct ta_settings *settings, const char *name,
		    const json_t *json, struct ta_error *err)
{
	size_t slot = ta_env_size(session->env);
	struct ta_error declare_err = TA_ERROR_INIT;

	if (!ta_env_declare(session->env, name, ta_type_scalar(TA_DYN), &declare_err)) {
		/* "true" or "a-b": no expression can name it, so it does no harm */
		if (declare_err.code == TA_E_INPUT)
			return true;
		return ta_fail(err, declare_err.code, "%s", declare_err.text);
	}
	if (!settings->typed) {
		session->slots[slot] = ta_value_from_json(json);
		return true;
	}
	return ta_value_from_typed_json(session->eval, json, &session->slots[slot], err) ||
	       ta_wrap(err, "variable '%s'", name);
}

static bool declare_all(struct session *session, const struct ta_settings *settings,
			struct ta_error *err)
{
	const char *name;
	json_t *json;

	session->env = ta_env_new();
	session->eval = ta_eval_new();
	session->slots = calloc(json_object_size(session->variables) + 1, sizeof(*session->slots));
	if (!session->env || !session->eval || !session->slots)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	json_object_foreach (session->variables, name, json)
		if (!declare(session, settings, name, json, err))
			return false;
	return true;
}

/* ---- mistakes ----------------------------------------------------------------------- */

/* The message, the line of the source that it is about, and a caret below the place. */
static void complain_at(const struct ta_buf *source, size_t offset, const char *text,
			const char *hint)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT((size_t)1 << 20);
	const char *s = ta_buf_cstr(source), *end = memchr(s + offset, '\n', source->len - offset);
	size_t start = offset, before;

	while (start > 0 && s[start - 1] != '\n')
		start--;
	ta_buf_str(&out, "tcpadvise: ");
	ta_text_terminal(&out, text, strlen(text));
	ta_buf_str(&out, "\n  ");
	before = out.len;
	ta_text_terminal(&out, s + start, offset - start);
	before = ta_text_width(ta_buf_cstr(&out) + before, out.len - before);
	ta_text_terminal(&out, s + offset, end ? (size_t)(end - s) - offset : source->len - offset);
	ta_buf_str(&out, "\n  ");
	ta_buf_fill(&out, ' ', before);
	ta_buf_printf(&out, "^%s", *hint ? "  " : "");
	ta_text_terminal(&out, hint, strlen(hint));
	fprintf(stderr, "%s\n", ta_buf_cstr(&out));
}

static int complain_mistakes(const struct ta_buf *source, const struct ta_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		complain_at(source, diags->items[i].offset, diags->items[i].text,
			    diags->items[i].hint);
	return TA_EXIT_WARNING;
}

static size_t offset_of(const struct ta_buf *source, const struct ta_pos *pos)
{
	const char *start = ta_buf_cstr(source), *line = start;

	for (int i = 1; i < pos->line; i++)
		line = (const char *)memchr(line, '\n', source->len - (size_t)(line - start)) + 1;
	return (size_t)(line - start) + (size_t)pos->column - 1;
}

static int complain_error(const struct ta_buf *source, const struct ta_error *err)
{
	char text[sizeof(err->text) + 32];

	if (!err->pos.line)
		return ta_complain(err, TA_EXIT_WARNING);
	snprintf(text, sizeof(text), "%s%s", err->text,
		 err->code == TA_E_MISSING ? " is not there" : "");
	complain_at(source, offset_of(source, &err->pos), text, "");
	return TA_EXIT_WARNING;
}

/* ---- the command -------------------------------------------------------------------- */

/* The fewest digits from which all numbers of the answer read back as they are. */
static char *dump(const json_t *json)
{
	char *text = NULL;

	for (size_t digits = 15; digits <= 17; digits++) {
		json_t *back;
		bool same;

		free(text);
		text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
		if (!text)
			return NULL;
		back = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		same = json_equal(json, back);
		json_decref(back);
		if (same)
			break;
	}
	return text;
}

static bool print(const struct ta_settings *settings, const struct ta_value *value,
		  struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(MAX_DOCUMENT);
	json_t *json = settings->typed ? ta_value_to_typed_json(value) : ta_value_to_json(value);
	ta_auto_free char *text = json ? dump(json) : NULL;

	json_decref(json);
	if (!json && !ta_value_is_writable(value))
		return ta_fail(err, TA_E_LIMIT, "the answer is too large to be written");
	if (!text)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	ta_text_json(&line, text, strlen(text));
	ta_buf_char(&line, '\n');
	return ta_buf_ok(&line, err) && ta_output(settings, line.data, line.len, err);
}

static bool reads_stdin(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static bool check_usage(const struct ta_settings *settings, size_t count, struct ta_error *err)
{
	const char *input = settings->input.count ? settings->input.items[0] : settings->vars;

	if (count == 0 && !settings->expr_file)
		return ta_fail(err, TA_E_USAGE, "eval needs EXPR, or --expr-file");
	if (count > 0 && settings->expr_file)
		return ta_fail(err, TA_E_USAGE, "eval takes EXPR or --expr-file, not both");
	if (reads_stdin(settings->expr_file) && reads_stdin(input))
		return ta_fail(err, TA_E_USAGE, "standard input can be read but once");

	if (settings->vars && !settings->typed)
		return ta_fail(err, TA_E_USAGE, "--vars needs --typed");
	if (settings->typed && settings->input.count > 0)
		return ta_fail(err, TA_E_USAGE, "--typed takes its variables from --vars");
	if (settings->input.count > 1)
		return ta_fail(err, TA_E_USAGE, "eval reads one --input");
	return true;
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	ta_auto(session_done) struct session session = { .source = TA_BUF_INIT(MAX_SOURCE) };
	struct ta_error err = TA_ERROR_INIT;
	struct ta_value value;

	if (!check_usage(settings, count, &err))
		return ta_complain(&err, TA_EXIT_USAGE);
	if (!load_source(&session, settings, args, &err) ||
	    !load_variables(settings, &session.source, &session.variables, &err) ||
	    !declare_all(&session, settings, &err))
		return ta_complain(&err, TA_EXIT_WARNING);
	session.expr = ta_expr_compile(session.env, TA_CHECK_SYNTAX, ta_buf_cstr(&session.source),
				       session.source.len, &session.diags);
	if (!session.expr)
		return complain_mistakes(&session.source, &session.diags);
	if (!ta_expr_eval(session.expr, session.eval, session.slots, &value, &err))
		return complain_error(&session.source, &err);
	if (!print(settings, &value, &err))
		return ta_complain(&err, err.code == TA_E_LIMIT ? TA_EXIT_WARNING : TA_EXIT_FAILED);
	return TA_EXIT_OK;
}

const struct ta_command ta_cmd_eval = {
	.name = "eval",
	.arguments = "[EXPR]",
	.summary = "print the value of one expression over a snapshot",
	.details = "The variables are the top-level members of a snapshot, such as host "
		"or namespaces: of --input, else of this host as it is now. With "
		"--typed they come from --vars, an object of typed values. An EXPR "
		"that starts with '-' must be put after --, one that holds a NUL "
		"byte or is longer than an argument may be comes from --expr-file.",
	.min_args = 0,
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTION(TA_OPT_INPUT) |
		   TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_TYPED) | TA_OPTION(TA_OPT_VARS) |
		   TA_OPTION(TA_OPT_EXPR_FILE),
	.exits = {
		{ TA_EXIT_OK, "with a value" },
		{ TA_EXIT_WARNING, "the expression or its evaluation is wrong" },
		{ TA_EXIT_FAILED, "the value could not be printed" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise eval 'namespaces[0].sockets.time_wait > 1000'",
		  "Try a condition before it goes into a rule." },
	},
	.run = run,
};
