#include "traces/onnx_wire.h"

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LENGTH = 2, WIRE_32 = 5 };

struct walk {
    const uint8_t *start;
    struct onnx_wire_fault *fault;
};

static bool faulty(const struct walk *w, const uint8_t *at, const char *text)
{
    w->fault->offset = (size_t)(at - w->start);
    w->fault->text = text;
    return false;
}

/* A varint of at most ten bytes; *at moves behind it. */
static bool take_varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (*at == end)
            return false;
        uint8_t byte = *(*at)++;
        if (shift < 64)
            *value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

static bool skip(const struct walk *w, const uint8_t **at, const uint8_t *end, size_t count)
{
    if ((size_t)(end - *at) < count)
        return faulty(w, *at, "a field is longer than the message that holds it");
    *at += count;
    return true;
}

static bool walk_message(const struct walk *w, const uint8_t *at, const uint8_t *end,
                         const ProtobufCMessageDescriptor *kind, int depth);

static bool walk_length(const struct walk *w, const uint8_t **at, const uint8_t *end,
                        const ProtobufCFieldDescriptor *field, int depth)
{
    const uint8_t *before = *at;
    uint64_t length;
    if (!take_varint(at, end, &length))
        return faulty(w, before, "a length is cut off or longer than ten bytes");
    const uint8_t *body = *at;
    if (length > SIZE_MAX)
        return faulty(w, before, "a field is longer than the message that holds it");
    TRY(skip(w, at, end, (size_t)length));
    if (field == NULL || field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    return walk_message(w, body, *at, field->descriptor, depth + 1);
}

static bool walk_field(const struct walk *w, const uint8_t **at, const uint8_t *end,
                       const ProtobufCMessageDescriptor *kind, int depth)
{
    const uint8_t *before = *at;
    uint64_t tag, value;
    if (!take_varint(at, end, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return faulty(w, before, "a field's tag is cut off or not a field number");
    switch ((int)(tag & 7)) {
    case WIRE_VARINT:
        if (!take_varint(at, end, &value))
            return faulty(w, before, "a number is cut off or longer than ten bytes");
        return true;
    case WIRE_64:
        return skip(w, at, end, 8);
    case WIRE_32:
        return skip(w, at, end, 4);
    case WIRE_LENGTH:
        return walk_length(
            w, at, end, protobuf_c_message_descriptor_get_field(kind, (unsigned)(tag >> 3)), depth);
    default:
        return faulty(w, before, "a field has a wire type that ONNX files do not use");
    }
}

static bool walk_message(const struct walk *w, const uint8_t *at, const uint8_t *end,
                         const ProtobufCMessageDescriptor *kind, int depth)
{
    if (depth > ONNX_DEPTH_MAX)
        return faulty(w, at, "messages are nested more than 64 deep");
    while (at < end)
        TRY(walk_field(w, &at, end, kind, depth));
    return true;
}

bool onnx_wire_walk(const uint8_t *bytes, size_t size, const ProtobufCMessageDescriptor *kind,
                    struct onnx_wire_fault *fault)
{
    struct walk w = {bytes, fault};
    return walk_message(&w, bytes, bytes + size, kind, 1);
}
