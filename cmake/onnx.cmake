# The C reading of onnx.proto (Debian: libonnx-dev) by protoc-c, generated into the build tree.
# The generated file is nobody's to polish: its warnings are off and its header is a system header.
find_program(PROTOC_C protoc-c REQUIRED)
find_path(ONNX_PROTO_DIR onnx.proto PATH_SUFFIXES onnx REQUIRED)

set(ONNX_GENERATED_DIR ${CMAKE_BINARY_DIR}/generated/onnx)
file(MAKE_DIRECTORY ${ONNX_GENERATED_DIR})
add_custom_command(
  OUTPUT ${ONNX_GENERATED_DIR}/onnx.pb-c.c ${ONNX_GENERATED_DIR}/onnx.pb-c.h
  COMMAND ${PROTOC_C} --c_out=${ONNX_GENERATED_DIR} --proto_path=${ONNX_PROTO_DIR}
          ${ONNX_PROTO_DIR}/onnx.proto
  DEPENDS ${ONNX_PROTO_DIR}/onnx.proto
  COMMENT "protoc-c onnx.proto"
  VERBATIM)
set_source_files_properties(${ONNX_GENERATED_DIR}/onnx.pb-c.c PROPERTIES COMPILE_OPTIONS "-w")
target_sources(cimarron_traces PRIVATE ${ONNX_GENERATED_DIR}/onnx.pb-c.c
                                       ${ONNX_GENERATED_DIR}/onnx.pb-c.h)
target_include_directories(cimarron_traces SYSTEM PUBLIC ${ONNX_GENERATED_DIR})
