/* SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <string.h>

/* Members and schemas of the tables as JSON Schema 2020-12. */
#define SCHEMAS_MAX 256

static void
put_type(struct buf *out, const struct api_member *member, const char *type)
{
	if (!member->nullable) {
		document_text(out, "type", type);
		return;
	}
	document_open(out, "type", '[');
	document_text(out, NULL, type);
	document_text(out, NULL, "null");
	document_close(out, ']');
}

static void
put_choices(struct buf *out, const struct api_member *member)
{
	const char *const *choice;

	document_open(out, "enum", '[');
	for (choice = member->choices; *choice != NULL; choice++)
		document_text(out, NULL, *choice);
	if (member->nullable)
		document_json(out, NULL, "null");
	document_close(out, ']');
}

/* Limits are of bytes, JSON Schema's of characters: up to four bytes each. */
static void
put_string(struct buf *out, const struct api_member *member)
{
	put_type(out, member, "string");
	if (member->format != NULL)
		document_text(out, "format", member->format);
	if (member->choices != NULL)
		put_choices(out, member);
	if (member->min > 0)
		document_number(out, "minLength", (member->min + 3) / 4);
	if (member->max > 0)
		document_number(out, "maxLength", member->max);
}

static void
put_integer(struct buf *out, const struct api_member *member)
{
	put_type(out, member, "integer");
	if (member->min == 0 && member->max == 0)
		return;
	document_number(out, "minimum", member->min);
	document_number(out, "maximum", member->max);
}

static void
put_object(struct buf *out, const struct api_member *member)
{
	if (member->of == NULL) {
		put_type(out, member, "object");
	} else if (member->nullable) {
		document_open(out, "anyOf", '[');
		document_ref(out, NULL, "schemas", member->of);
		document_json(out, NULL, "{\"type\":\"null\"}");
		document_close(out, ']');
	} else {
		document_format(out, "$ref", "#/components/schemas/%s",
		    member->of);
	}
}

static void
put_array(struct buf *out, const struct api_member *member)
{
	put_type(out, member, "array");
	if (member->of == NULL)
		document_json(out, "items", "{\"type\":\"string\"}");
	else if (strcmp(member->of, API_ANY) == 0)
		document_json(out, "items", "{\"type\":\"object\"}");
	else
		document_ref(out, "items", "schemas", member->of);
	if (member->min == 0 && member->max == 0)
		return;
	document_number(out, "minItems", member->min);
	document_number(out, "maxItems", member->max);
}

static void
put_doc(struct buf *out, const struct api_member *member)
{
	const char *doc = member->doc != NULL ? member->doc : "";

	if (member->type == API_STRING && member->max > 0 &&
	    member->choices == NULL)
		document_format(out, "description", "%s%s%lld to %lld bytes",
		    doc, doc[0] != '\0' ? "; " : "", (long long)member->min,
		    (long long)member->max);
	else if (doc[0] != '\0')
		document_text(out, "description", doc);
}

/* The members of a schema's object. */
static void
put_member(struct buf *out, const struct api_member *member)
{
	switch (member->type) {
	case API_STRING:
		put_string(out, member);
		break;
	case API_INTEGER:
		put_integer(out, member);
		break;
	case API_BOOLEAN:
		put_type(out, member, "boolean");
		break;
	case API_OBJECT:
		put_object(out, member);
		break;
	case API_ARRAY:
		put_array(out, member);
		break;
	}
}

static void
put_property(struct buf *out, const struct api_member *member)
{
	document_open(out, member->name, '{');
	put_member(out, member);
	put_doc(out, member);
	if (member->example != NULL) {
		document_open(out, "examples", '[');
		document_json(out, NULL, member->example);
		document_close(out, ']');
	}
	document_close(out, '}');
}

static void
put_schema(struct buf *out, const struct api_schema *schema)
{
	const struct api_member *member;

	document_open(out, schema->name, '{');
	document_text(out, "type", "object");
	if (schema->doc != NULL)
		document_text(out, "description", schema->doc);
	document_open(out, "properties", '{');
	for (member = schema->members; member->name != NULL; member++)
		put_property(out, member);
	document_close(out, '}');
	document_open(out, "required", '[');
	for (member = schema->members; member->name != NULL; member++) {
		if (member->required)
			document_text(out, NULL, member->name);
	}
	document_close(out, ']');
	document_close(out, '}');
}

/* Each schema once, whoever uses it. */
struct schema_list {
	const struct api_schema *schemas[SCHEMAS_MAX];
	size_t n;
};

static void
add_schema(struct schema_list *list, const struct api_schema *schema)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (list->schemas[i] == schema)
			return;
	}
	if (schema != NULL && list->n < SCHEMAS_MAX)
		list->schemas[list->n++] = schema;
}

void
openapi_put_schemas(struct buf *out)
{
	const struct api_schema *const *schema;
	const struct api_routes *const *set;
	struct schema_list list = {.n = 0};
	size_t i;

	for (schema = api_schemas; *schema != NULL; schema++)
		add_schema(&list, *schema);
	for (set = api_routes; *set != NULL; set++) {
		for (i = 0; i < (*set)->n; i++) {
			add_schema(&list, (*set)->routes[i].body);
			add_schema(&list, (*set)->routes[i].answer);
		}
	}
	document_open(out, "schemas", '{');
	for (i = 0; i < list.n; i++)
		put_schema(out, list.schemas[i]);
	document_close(out, '}');
}

void
openapi_put_param(struct buf *out, const struct api_member *member,
    const char *in)
{
	document_open(out, NULL, '{');
	document_text(out, "name", member->name);
	document_text(out, "in", in);
	if (member->required || strcmp(in, "path") == 0)
		document_bool(out, "required", true);
	put_doc(out, member);
	document_open(out, "schema", '{');
	put_member(out, member);
	document_close(out, '}');
	if (member->example != NULL)
		document_json(out, "example", member->example);
	document_close(out, '}');
}
