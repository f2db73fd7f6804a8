/* form.c - see form.h. */
#include "rules/form.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"
#include "expr/json.h"

enum { MAX_TEXT = 64 * 1024, MAX_POINTER = 512 };

/* A string is a row of pieces; a piece is literal text or an expression. */
struct piece {
	const char *literal; /* borrowed from the pack or its translation; NULL: an expression */
	size_t len;
	struct ta_expr *expr;
};

enum form_kind { FORM_CONSTANT, FORM_TEXT, FORM_LIST, FORM_OBJECT };

struct ta_form {
	enum form_kind kind;
	const json_t *json; /* what it mirrors; borrowed */
	struct piece *pieces;
	struct ta_form **children; /* list: elements; object: members in order */
	size_t count;              /* of pieces or children */
};

/* ---- compiling --------------------------------------------------------------------- */

static struct piece *add_piece(struct ta_compilation *compilation, struct ta_form *form)
{
	struct piece *pieces = realloc(form->pieces, (form->count + 1) * sizeof(*pieces));

	if (!pieces) {
		compilation->failed = true;
		return NULL;
	}
	form->pieces = pieces;
	pieces[form->count] = (struct piece){ 0 };
	return &pieces[form->count++];
}

static void add_literal(struct ta_compilation *compilation, struct ta_form *form, const char *text,
			size_t len)
{
	struct piece *piece = len ? add_piece(compilation, form) : NULL;

	if (piece) {
		piece->literal = text;
		piece->len = len;
	}
}

static void add_hole(struct ta_compilation *compilation, struct ta_form *form, const char *pointer,
		     const char *text, size_t offset, size_t len)
{
	struct piece *piece = add_piece(compilation, form);

	if (piece)
		piece->expr = ta_compile_expr(compilation, pointer, text, offset, len, TA_DYN);
}

static void compile_text(struct ta_compilation *compilation, struct ta_form *form,
			 const char *pointer, const char *text)
{
	size_t at = 0;

	for (;;) {
		const char *open = strstr(text + at, "{{");
		const char *close = open ? strstr(open, "}}") : NULL;
		size_t start = open ? (size_t)(open - text) : 0;

		if (open && !close) {
			struct ta_place place = {
				.pointer = pointer, .in_string = true, .offset = start, .length = 2
			};

			ta_mistake(compilation->mistakes, compilation->source, &place,
				   "'{{' without '}}'", "");
		}
		if (!close)
			break;
		add_literal(compilation, form, text + at, start - at);
		add_hole(compilation, form, pointer, text, start + 2,
			 (size_t)(close - text) - start - 2);
		at = (size_t)(close - text) + 2;
	}
	add_literal(compilation, form, text + at, strlen(text + at));
}

static void add_child(struct ta_compilation *compilation, struct ta_form *form, const char *pointer,
		      const char *token, const json_t *value)
{
	char path[MAX_POINTER];

	/* Tokens with '/' or '~' (sysctl keys have none) would need escapes. */
	snprintf(path, sizeof(path), "%s/%s", pointer, token);
	form->children[form->count++] = ta_form_new(compilation, path, value);
}

static bool make_children(struct ta_compilation *compilation, struct ta_form *form, size_t count)
{
	form->children = calloc(count ? count : 1, sizeof(*form->children));
	if (!form->children)
		compilation->failed = true;
	return form->children;
}

static void compile_list(struct ta_compilation *compilation, struct ta_form *form,
			 const char *pointer, const json_t *list)
{
	char token[32];
	size_t i;
	json_t *element;

	form->kind = FORM_LIST;
	if (!make_children(compilation, form, json_array_size(list)))
		return;
	json_array_foreach (list, i, element) {
		snprintf(token, sizeof(token), "%zu", i);
		add_child(compilation, form, pointer, token, element);
	}
}

static void compile_object(struct ta_compilation *compilation, struct ta_form *form,
			   const char *pointer, const json_t *object)
{
	const char *name;
	json_t *member;

	form->kind = FORM_OBJECT;
	if (!make_children(compilation, form, json_object_size(object)))
		return;
	json_object_foreach ((json_t *)object, name, member)
		add_child(compilation, form, pointer, name, member);
}

struct ta_form *ta_form_new(struct ta_compilation *compilation, const char *pointer,
			    const json_t *value)
{
	struct ta_form *form = value ? calloc(1, sizeof(*form)) : NULL;

	if (!form) {
		compilation->failed |= value != NULL;
		return NULL;
	}
	form->json = value;
	if (json_is_string(value)) {
		form->kind = FORM_TEXT;
		compile_text(compilation, form, pointer, _(json_string_value(value)));
	} else if (json_is_array(value)) {
		compile_list(compilation, form, pointer, value);
	} else if (json_is_object(value)) {
		compile_object(compilation, form, pointer, value);
	}
	return form;
}

struct ta_form *ta_form_free(struct ta_form *form)
{
	if (!form)
		return NULL;
	for (size_t i = 0; i < form->count; i++) {
		if (form->pieces)
			ta_expr_free(form->pieces[i].expr);
		if (form->children)
			ta_form_free(form->children[i]);
	}
	free(form->pieces);
	free(form->children);
	free(form);
	return NULL;
}

void ta_form_expressions(const struct ta_form *form,
			 void (*visit)(void *ctx, const struct ta_expr *expr), void *ctx)
{
	for (size_t i = 0; form && i < form->count; i++) {
		if (form->pieces && form->pieces[i].expr)
			visit(ctx, form->pieces[i].expr);
		if (form->children)
			ta_form_expressions(form->children[i], visit, ctx);
	}
}

/* ---- filling ----------------------------------------------------------------------- */

static void print_double(struct ta_buf *out, double d)
{
	if (isfinite(d) && fabs(d) < 1e15 && d == trunc(d))
		ta_buf_printf(out, "%.0f", d);
	else if (fabs(d) >= 1)
		ta_buf_printf(out, "%.1f", d);
	else
		ta_buf_printf(out, "%.2g", d);
}

static void print_json(struct ta_buf *out, const struct ta_value *value)
{
	json_t *json = ta_value_to_json(value);
	size_t i;
	json_t *element;

	if (!json && ta_value_is_writable(value))
		out->failed = TA_E_NOMEM;
	if (!json_is_array(json)) {
		char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

		ta_buf_str(out, text ? text : "");
		free(text);
	}
	json_array_foreach (json, i, element) {
		struct ta_value inner = ta_value_from_json(element);

		ta_buf_str(out, i ? " " : "");
		ta_value_print(out, &inner);
	}
	json_decref(json);
}

void ta_value_print(struct ta_buf *out, const struct ta_value *value)
{
	switch (value->kind) {
	case TA_STRING:
		ta_buf_add(out, value->as.str.ptr, value->as.str.len);
		break;
	case TA_INT:
		ta_buf_int(out, value->as.i);
		break;
	case TA_UINT:
		ta_buf_printf(out, "%llu", (unsigned long long)value->as.u);
		break;
	case TA_DOUBLE:
		print_double(out, value->as.d);
		break;
	case TA_BOOL:
		ta_buf_str(out, value->as.boolean ? "true" : "false");
		break;
	default:
		print_json(out, value);
		break;
	}
}

/* Whether a shell takes the text for plain words, wherever in a line it stands. */
static bool is_plain(const char *text, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./ -[]";

	for (size_t i = 0; i < len; i++)
		if (!text[i] || !strchr(plain, text[i]))
			return false;
	return true;
}

/* Whether the text is one 'quoted word' and stands outside of other quotes. */
static bool is_quoted(const char *line, size_t start, size_t len)
{
	const char *text = line + start;
	size_t open = 0;

	for (size_t i = 0; i < start; i++)
		open += line[i] == '\'';
	for (size_t i = 0; i < len; i++)
		if ((text[i] == '\'') != (i == 0 || i == len - 1) || (uint8_t)text[i] < ' ')
			return false;
	return len >= 2 && open % 2 == 0;
}

enum filled { FILLED, REFUSED, NO_MEMORY };

/* The value of a hole; what is too long for a text is cut off. */
static enum filled fill_hole(const struct ta_expr *expr, struct ta_eval *eval,
			     const struct ta_value *slots, enum ta_form_missing missing,
			     struct ta_buf *out)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_value value;

	if (ta_expr_eval(expr, eval, slots, &value, &err))
		ta_value_print(out, &value);
	else if (err.code == TA_E_NOMEM)
		return NO_MEMORY;
	else if (missing == TA_FORM_SAY_UNKNOWN)
		ta_buf_str(out, "(unknown)");
	else
		return REFUSED;
	return FILLED;
}

/* Whether a fact was missing, or is not fit for a command, and that is not to be papered over. */
static enum filled fill_text(const struct ta_form *form, struct ta_eval *eval,
			     const struct ta_value *slots, enum ta_form_missing missing,
			     struct ta_buf *out)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct piece *piece = &form->pieces[i];
		size_t start = out->len;
		enum filled filled = FILLED;

		if (piece->literal)
			ta_buf_add(out, piece->literal, piece->len);
		else
			filled = fill_hole(piece->expr, eval, slots, missing, out);
		if (filled != FILLED)
			return filled;
		if (missing == TA_FORM_DROP && !piece->literal &&
		    !is_plain(ta_buf_cstr(out) + start, out->len - start) &&
		    !is_quoted(ta_buf_cstr(out), start, out->len - start))
			return REFUSED;
	}
	return FILLED;
}

/* Nearly half of all texts have no hole. */
static bool is_literal(const struct ta_form *form)
{
	return form->count == 1 && form->pieces[0].literal && form->pieces[0].len <= MAX_TEXT;
}

static json_t *fill_string(const struct ta_form *form, struct ta_eval *eval,
			   const struct ta_value *slots, enum ta_form_missing missing)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_TEXT);
	enum filled filled;

	if (is_literal(form) && form->pieces[0].literal == json_string_value(form->json))
		return json_incref((json_t *)(uintptr_t)form->json);
	filled = fill_text(form, eval, slots, missing, &text);

	if (filled == NO_MEMORY || text.failed == TA_E_NOMEM)
		return NULL;
	if (filled == REFUSED || (text.failed && missing != TA_FORM_SAY_UNKNOWN))
		return json_null();
	return json_stringn(ta_buf_cstr(&text), text.len);
}

static json_t *fill_list(const struct ta_form *form, struct ta_eval *eval,
			 const struct ta_value *slots, enum ta_form_missing missing)
{
	json_t *list = json_array();

	for (size_t i = 0; i < form->count; i++) {
		json_t *element = ta_form_fill(form->children[i], eval, slots, missing);

		bool refused = json_is_null(element) && missing != TA_FORM_SAY_UNKNOWN;

		if (refused && missing == TA_FORM_DROP)
			continue;
		if (refused || json_array_append_new(list, element) < 0) {
			json_decref(list);
			return refused ? json_null() : NULL;
		}
	}
	return list;
}

static json_t *fill_object(const struct ta_form *form, struct ta_eval *eval,
			   const struct ta_value *slots, enum ta_form_missing missing)
{
	json_t *object = json_object();
	const char *name;
	json_t *unused;
	size_t i = 0;

	json_object_foreach ((json_t *)form->json, name, unused) {
		json_t *member = ta_form_fill(form->children[i++], eval, slots, missing);

		bool refused = json_is_null(member) && missing != TA_FORM_SAY_UNKNOWN;

		if (refused && missing == TA_FORM_DROP)
			continue;
		if (refused || json_object_set_new(object, name, member) < 0) {
			json_decref(object);
			return refused ? json_null() : NULL;
		}
	}
	return object;
}

json_t *ta_form_fill(const struct ta_form *form, struct ta_eval *eval, const struct ta_value *slots,
		     enum ta_form_missing missing)
{
	switch (form->kind) {
	case FORM_TEXT:
		return fill_string(form, eval, slots, missing);
	case FORM_LIST:
		return fill_list(form, eval, slots, missing);
	case FORM_OBJECT:
		return fill_object(form, eval, slots, missing);
	case FORM_CONSTANT:
		break;
	}
	return json_deep_copy(form->json);
}
