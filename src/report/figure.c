/* figure.c - see figure.h. */
#include "report/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"

/* Two decimals are enough to act on, unless they would show a small rate as nothing. */
static void add_real(struct ta_buf *out, double value)
{
	char digits[64];
	double size = fabs(value);

	if (size >= 1e15 || (size < 0.01 && size > 0)) {
		ta_buf_printf(out, "%.2g", value);
		return;
	}
	snprintf(digits, sizeof(digits), "%.2f", value);
	digits[strcspn(digits, ".") + 3] = '\0';
	for (char *end = digits + strlen(digits); end > digits && end[-1] == '0';)
		*--end = '\0';
	if (digits[strlen(digits) - 1] == '.')
		digits[strlen(digits) - 1] = '\0';
	ta_buf_str(out, digits);
}

void ta_figure_value(struct ta_buf *out, const json_t *value)
{
	if (json_is_integer(value))
		ta_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		add_real(out, json_real_value(value));
	else if (json_is_boolean(value))
		ta_buf_str(out, json_is_true(value) ? _("yes") : _("no"));
	else if (json_is_string(value))
		ta_buf_str(out, json_string_value(value));
	else
		ta_buf_char(out, '?');
}

struct scale {
	double divisor;
	const char *unit;
};

/* Bytes from a megabyte on are shown in the unit of the larger figure of the row. */
static struct scale scale_of_bytes(const json_t *value, const json_t *limit)
{
	static const struct scale scales[] = { { 1099511627776.0, "TiB" },
					       { 1073741824.0, "GiB" },
					       { 1048576.0, "MiB" } };
	double size = fmax(fabs(json_number_value(value)), fabs(json_number_value(limit)));

	for (size_t i = 0; i < TA_ARRAY_SIZE(scales); i++)
		if (size >= scales[i].divisor)
			return scales[i];
	return (struct scale){ .divisor = 0 };
}

static void add_scaled(struct ta_buf *out, const json_t *value, struct scale scale)
{
	if (scale.divisor > 0 && json_is_number(value))
		add_real(out, round(json_number_value(value) / scale.divisor * 10) / 10);
	else
		ta_figure_value(out, value);
}

/* "51 of 128", in whatever order a language has them. */
static void add_of(struct ta_buf *out, const json_t *value, const json_t *limit, struct scale scale)
{
	ta_auto(ta_buf_done) struct ta_buf first = TA_BUF_INIT(65536);
	ta_auto(ta_buf_done) struct ta_buf second = TA_BUF_INIT(65536);

	if (!limit) {
		add_scaled(out, value, scale);
		return;
	}
	add_scaled(&first, value, scale);
	add_scaled(&second, limit, scale);
	ta_buf_printf(out, _("%s of %s"), ta_buf_cstr(&first), ta_buf_cstr(&second));
}

void ta_figure_amount(struct ta_buf *out, const json_t *evidence)
{
	ta_figure_amount_in(out, evidence, json_string_value(json_object_get(evidence, "unit")));
}

void ta_figure_amount_in(struct ta_buf *out, const json_t *figure, const char *unit)
{
	const json_t *value = json_object_get(figure, "value");
	const json_t *limit = json_object_get(figure, "limit");
	struct scale scale = { .divisor = 0 };

	if (unit && strcmp(unit, "bytes") == 0)
		scale = scale_of_bytes(value, limit);
	add_of(out, value, limit, scale);
	if (!unit || !*unit)
		return;
	if (unit[0] != '/' && unit[0] != '%')
		ta_buf_char(out, ' ');
	ta_buf_str(out, scale.unit ? scale.unit : _(unit));
}

bool ta_figure_share(const json_t *evidence, double *ret)
{
	const json_t *value = json_object_get(evidence, "value");
	const json_t *limit = json_object_get(evidence, "limit");

	if (!json_is_number(value) || !json_is_number(limit) || json_number_value(limit) <= 0 ||
	    json_number_value(value) < 0)
		return false;
	*ret = json_number_value(value) / json_number_value(limit);
	return true;
}

bool ta_figure_percent(const json_t *evidence, char *ret)
{
	double percent;

	if (!ta_figure_share(evidence, &percent))
		return false;
	percent = json_number_value(json_object_get(evidence, "value")) * 100 /
		  json_number_value(json_object_get(evidence, "limit"));
	if (percent > 0 && percent < 1)
		snprintf(ret, TA_PERCENT_SIZE, "<1%%");
	else if (percent < 100000)
		snprintf(ret, TA_PERCENT_SIZE, "%.0f%%", floor(percent));
	else
		snprintf(ret, TA_PERCENT_SIZE, ">99999%%");
	return true;
}
