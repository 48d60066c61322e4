/* onnx_wire.h — is this really a protobuf file that protobuf-c can take without harm?
 *
 * protobuf-c unpacks recursively and overflows its stack on deeply nested messages, so the wire
 * format is walked first: every tag, length and varint, messages nested at most ONNX_DEPTH_MAX
 * deep.  It answers whether the bytes are well formed, not whether they make sense.
 * Source: Protocol Buffers documentation, "Encoding". */
#ifndef CIMARRON_ONNX_WIRE_H
#define CIMARRON_ONNX_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ONNX_DEPTH_MAX = 64 };

struct onnx_wire_fault {
    size_t offset;    /* of the offending field, in bytes from the start */
    const char *text; /* what is wrong there */
};

/* Walks `size` bytes as a message of this kind.  False: *fault says where and why. */
bool onnx_wire_walk(const uint8_t *bytes, size_t size, const ProtobufCMessageDescriptor *kind,
                    struct onnx_wire_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
