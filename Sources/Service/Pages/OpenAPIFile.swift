/// The service's contract, `Schemas/openapi.yaml`, byte for byte. Tools/embed-openapi writes this
/// file.
enum OpenAPIFile {
  static let text = #"""
    openapi: 3.0.3
    info:
      title: Engram Store
      version: "1"
      description: |
        Memory tables, datasets and retrieval of one store, and a context store, over HTTP/1.1: rows, samples
        and state as bytes, the rest as JSON. Numbers in bytes are little-endian.

        A name in a path is one percent-encoded segment: `deepseek-v4.1%2Flayer1` for the newest version,
        `deepseek-v4.1%2Flayer1%403` for version 3. A request is served wholly from one version, which the
        answer's headers name. `If-Match` with another version's identity is refused with 409.

        Where the service asks for a token, every request has `Authorization: Bearer TOKEN`, but for
        `/healthz`, `/readyz`, `/` and `/openapi.yaml`.

        A request's body has a Content-Length or comes in chunks (`Transfer-Encoding: chunked`); what is over
        the limit is refused with 413 when it is announced, or when so much of it has come. A body that does
        not come in time is refused with 408, and a client that does not read its answer in time is
        disconnected. Too much at once is refused with 503 and `Retry-After`.
        What is no request of HTTP/1.1 is answered with 400 and no body, and its connection closed.

        Members of a request's body other than these, and query parameters other than these, are refused.
        Numbers that JSON does not have are the strings `NaN`, `Infinity` and `-Infinity`.
      license: {name: Apache 2.0}
    servers:
      - url: /
    security:
      - {}
      - token: []
    tags:
      - {name: service, description: The service itself}
      - {name: tables, description: Memory tables}
      - {name: datasets, description: Samples and their order}
      - {name: retrieval, description: Questions and explanations}
      - {name: contexts, description: "State of long prompts, found by prefix; where the service was started with --context"}
    paths:
      /:
        get:
          tags: [service]
          operationId: page
          summary: A page for people
          security: [{}]
          responses:
            "200":
              description: The page. It asks for the token itself, where there is one.
              headers:
                Content-Security-Policy: {schema: {type: string}}
              content: {text/html: {schema: {type: string}}}
            default: {$ref: "#/components/responses/Other"}
      /healthz:
        get:
          tags: [service]
          operationId: health
          summary: Whether the process lives
          security: [{}]
          responses:
            "200":
              description: It does.
              content: {text/plain: {schema: {type: string}, example: "ok\n"}}
            default: {$ref: "#/components/responses/Other"}
      /readyz:
        get:
          tags: [service]
          operationId: readiness
          summary: Whether it takes requests
          security: [{}]
          responses:
            "200":
              description: It does.
              content: {text/plain: {schema: {type: string}, example: "ready\n"}}
            "503":
              description: It starts or stops.
              content: {text/plain: {schema: {type: string}, example: "stopping\n"}}
            default: {$ref: "#/components/responses/Other"}
      /metrics:
        get:
          tags: [service]
          operationId: metrics
          summary: What it counts, in Prometheus' text format
          responses:
            "200":
              description: The metrics.
              content:
                text/plain:
                  schema: {type: string}
                  example: |
                    # HELP engram_rows_total Rows that were served.
                    # TYPE engram_rows_total counter
                    engram_rows_total{table="deepseek-v4.1/layer1"} 49152
            "401": {$ref: "#/components/responses/Unauthorized"}
            "503": {$ref: "#/components/responses/Busy"}
            default: {$ref: "#/components/responses/Other"}
      /openapi.yaml:
        get:
          tags: [service]
          operationId: contract
          summary: This file
          security: [{}]
          responses:
            "200":
              description: This file.
              content: {application/yaml: {schema: {type: object}}}
            default: {$ref: "#/components/responses/Other"}
      /v1/store:
        get:
          tags: [service]
          operationId: store
          summary: How much the store has
          responses:
            "200":
              description: Published versions of each kind, and the release that serves them.
              content:
                application/json:
                  schema: {$ref: "#/components/schemas/Store"}
                  example: {version: "0.6.0", tables: 2, datasets: 1, indexes: 1, contexts: 1}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/tables:
        get:
          tags: [tables]
          operationId: tables
          summary: All table versions
          responses:
            "200":
              description: By name and version.
              content:
                application/json:
                  schema:
                    type: object
                    required: [tables]
                    properties:
                      tables: {type: array, items: {$ref: "#/components/schemas/TableSummary"}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/tables/{name}:
        parameters: [{$ref: "#/components/parameters/Table"}]
        get:
          tags: [tables]
          operationId: table
          summary: A table version
          responses:
            "200":
              description: What it is, and how tokens lead to its rows.
              headers:
                Engram-Table: {$ref: "#/components/headers/Engram-Table"}
                ETag: {$ref: "#/components/headers/ETag"}
              content:
                application/json:
                  schema: {$ref: "#/components/schemas/Table"}
                  example:
                    {name: deepseek-v4.1/layer1, version: 3, rows: 384006168, dimension: 256,
                     codec: fp8e4m3-e8m0x32, foundBy: hash, rowBytes: 264, bytes: 101377628352,
                     identity: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     published: "2026-11-25T07:00:00Z", columns: 24, tokenLimit: 129280, longest: 4,
                     takesSegments: true}
            "404": {$ref: "#/components/responses/NotFound"}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/tables/{name}/rows:
        parameters: [{$ref: "#/components/parameters/Table"}]
        post:
          tags: [tables]
          operationId: rows
          summary: Rows, by number or by tokens
          parameters:
            - {$ref: "#/components/parameters/Input"}
            - name: format
              in: query
              description: "How rows are answered: the stored bytes, bfloat16 or float32."
              schema: {type: string, enum: [raw, bf16, f32], default: raw}
            - name: missing
              in: query
              description: With `zero`, row id 2^64-1 is a row of zeros.
              schema: {type: string, enum: [zero]}
            - {$ref: "#/components/parameters/Masks"}
            - {$ref: "#/components/parameters/Segments"}
            - {$ref: "#/components/parameters/IfMatch"}
          requestBody: {$ref: "#/components/requestBodies/Ids"}
          responses:
            "200":
              description: |
                The rows, one after another: of `input=rows` [rows, row], of `input=tokens`
                [tokens, columns, row]. A body that is shorter than Content-Length is a failure in the middle.
              headers:
                Engram-Table: {$ref: "#/components/headers/Engram-Table"}
                ETag: {$ref: "#/components/headers/ETag"}
                Engram-Rows: {$ref: "#/components/headers/Engram-Rows"}
                Engram-Columns: {$ref: "#/components/headers/Engram-Columns"}
                Engram-Row-Bytes:
                  description: Bytes of a row of the answer.
                  schema: {type: integer, minimum: 0}
              content: {application/octet-stream: {schema: {type: string, format: binary}}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/tables/{name}/row-ids:
        parameters: [{$ref: "#/components/parameters/Table"}]
        post:
          tags: [tables]
          operationId: rowIds
          summary: The row ids of tokens
          parameters:
            - {$ref: "#/components/parameters/Masks"}
            - {$ref: "#/components/parameters/Segments"}
            - {$ref: "#/components/parameters/IfMatch"}
          requestBody: {$ref: "#/components/requestBodies/Ids"}
          responses:
            "200":
              description: Row ids, u64, [tokens, columns]; 2^64-1 where an exact table has no row.
              headers:
                Engram-Table: {$ref: "#/components/headers/Engram-Table"}
                ETag: {$ref: "#/components/headers/ETag"}
                Engram-Rows: {$ref: "#/components/headers/Engram-Rows"}
                Engram-Columns: {$ref: "#/components/headers/Engram-Columns"}
              content: {application/octet-stream: {schema: {type: string, format: binary}}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/tables/{name}/prefetch:
        parameters: [{$ref: "#/components/parameters/Table"}]
        post:
          tags: [tables]
          operationId: prefetch
          summary: Reads rows from the disk ahead of their use
          parameters:
            - {$ref: "#/components/parameters/Input"}
            - {$ref: "#/components/parameters/Masks"}
            - {$ref: "#/components/parameters/Segments"}
            - {$ref: "#/components/parameters/IfMatch"}
          requestBody: {$ref: "#/components/requestBodies/Ids"}
          responses:
            "202":
              description: The disk is asked; nobody waits for it.
              headers:
                Engram-Table: {$ref: "#/components/headers/Engram-Table"}
                ETag: {$ref: "#/components/headers/ETag"}
              content:
                application/json:
                  schema:
                    type: object
                    required: [pages]
                    properties:
                      pages: {type: integer, minimum: 0, description: Distinct pages of 4 KiB.}
                  example: {pages: 48}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/datasets:
        get:
          tags: [datasets]
          operationId: datasets
          summary: All dataset versions
          responses:
            "200":
              description: By name and version.
              content:
                application/json:
                  schema:
                    type: object
                    required: [datasets]
                    properties:
                      datasets: {type: array, items: {$ref: "#/components/schemas/Dataset"}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/datasets/{name}:
        parameters: [{$ref: "#/components/parameters/Dataset"}]
        get:
          tags: [datasets]
          operationId: dataset
          summary: A dataset version
          responses:
            "200":
              description: What it is.
              headers:
                Engram-Dataset: {$ref: "#/components/headers/Engram-Dataset"}
                ETag: {$ref: "#/components/headers/ETag"}
              content:
                application/json:
                  schema:
                    allOf:
                      - {$ref: "#/components/schemas/Dataset"}
                      - type: object
                        properties:
                          tokens:
                            type: object
                            required: [width, hasBoundaries]
                            description: How samples of tokens lie.
                            properties:
                              width: {type: integer, enum: [2, 4], description: Bytes of a token id.}
                              length: {type: integer, minimum: 1, description: "Of every sample, in tokens."}
                              hasBoundaries: {type: boolean}
                  example:
                    {name: docs, version: 3, versions: 3, kind: document, samples: 12045, bytes: 48123456,
                     identity: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     published: "2026-11-25T07:00:00Z", message: ""}
            "404": {$ref: "#/components/responses/NotFound"}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/datasets/{name}/samples:
        parameters: [{$ref: "#/components/parameters/Dataset"}]
        post:
          tags: [datasets]
          operationId: samples
          summary: Samples by number
          parameters: [{$ref: "#/components/parameters/IfMatch"}]
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [numbers]
                  additionalProperties: false
                  properties:
                    numbers:
                      type: array
                      minItems: 1
                      maxItems: 4096
                      items: {type: integer, format: int64}
                example: {numbers: [0, 1]}
          responses:
            "200":
              description: |
                The samples in the order of the request. With `Accept: application/octet-stream` their stored
                bytes, one after another, sizes in a header.
              headers:
                Engram-Dataset: {$ref: "#/components/headers/Engram-Dataset"}
                ETag: {$ref: "#/components/headers/ETag"}
                Engram-Sample-Sizes:
                  description: "Of an answer of bytes: the bytes of each sample, with commas between."
                  schema: {type: string}
              content:
                application/json:
                  schema: {$ref: "#/components/schemas/Samples"}
                  example:
                    {dataset: docs@3, samples: [{number: 17, metadata: {path: a.txt}, text: "The page cache"}]}
                application/octet-stream: {schema: {type: string, format: binary}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/datasets/{name}/order:
        parameters: [{$ref: "#/components/parameters/Dataset"}]
        post:
          tags: [datasets]
          operationId: order
          summary: Which samples stand at positions of an epoch
          parameters: [{$ref: "#/components/parameters/IfMatch"}]
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  additionalProperties: false
                  properties:
                    order: {type: string, nullable: true, enum: [sequential, global, chunked, null], default: sequential}
                    window:
                      type: integer
                      nullable: true
                      minimum: 1
                      maximum: 1048576
                      default: 8
                      description: Chunks of a window, for `chunked`.
                    seed: {type: integer, nullable: true, minimum: 0, maximum: 18446744073709551615, default: 0}
                    epoch: {type: integer, nullable: true, minimum: 0, maximum: 2147483647, default: 0}
                    first: {type: integer, nullable: true, minimum: 0, maximum: 9223372036854775807, default: 0}
                    step: {type: integer, nullable: true, minimum: 1, maximum: 9223372036854775807, default: 1}
                    count:
                      type: integer
                      nullable: true
                      minimum: 0
                      maximum: 1048576
                      description: Without it, all positions up to the epoch's end.
                example: {order: global, seed: 7, epoch: 0, first: 0, step: 1, count: 3}
          responses:
            "200":
              description: Sample numbers, at first, first + step, ...
              headers:
                Engram-Dataset: {$ref: "#/components/headers/Engram-Dataset"}
                ETag: {$ref: "#/components/headers/ETag"}
              content:
                application/json:
                  schema:
                    type: object
                    required: [dataset, samples]
                    properties:
                      dataset: {type: string}
                      samples: {type: array, items: {type: integer, minimum: 0}}
                  example: {dataset: docs@3, samples: [412, 3, 11870]}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/indexes:
        get:
          tags: [retrieval]
          operationId: indexes
          summary: All indexes
          responses:
            "200":
              description: By dataset and version.
              content:
                application/json:
                  schema:
                    type: object
                    required: [indexes]
                    properties:
                      indexes: {type: array, items: {$ref: "#/components/schemas/Index"}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/query:
        post:
          tags: [retrieval]
          operationId: query
          summary: Passages for a question
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: "#/components/schemas/Query"}
                example: {datasets: [docs], question: page cache, limit: 3}
          responses:
            "200":
              description: The passages, best first.
              content:
                application/json:
                  schema:
                    type: object
                    required: [passages]
                    properties:
                      passages: {type: array, items: {$ref: "#/components/schemas/Passage"}}
                      context: {type: string, description: "A prompt of them, where `maxTokens` was given."}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/explain:
        post:
          tags: [retrieval]
          operationId: explain
          summary: What a memory holds for a text, and where it came from
          description: With a tokenizer that the service was started with.
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [memory, text]
                  additionalProperties: false
                  properties:
                    memory:
                      description: The table.
                      allOf: [{$ref: "#/components/schemas/Name"}]
                    text: {type: string, minLength: 1, description: "At most 65,536 bytes and 500 tokens."}
                    counts:
                      type: string
                      nullable: true
                      pattern: '^[A-Za-z0-9._/-]{1,200}(@[1-9][0-9]{0,8})?$'
                      description: Counts of a corpus.
                    dataset:
                      type: string
                      nullable: true
                      pattern: '^[A-Za-z0-9._/-]{1,200}(@[1-9][0-9]{0,8})?$'
                      description: Whose passages are shown.
                    nearest: {type: integer, nullable: true, minimum: 0, maximum: 100, default: 0}
                    passages: {type: integer, nullable: true, minimum: 0, maximum: 100, default: 3}
                example: {memory: deepseek-v4.1/layer1, text: the device driver, dataset: docs}
          responses:
            "200":
              description: "What `engram explain --format json` prints; with `Accept: text/html` its page."
              content:
                application/json:
                  schema:
                    type: object
                    required: [text, memory, tokens]
                    properties:
                      text: {type: string}
                      memory: {type: object}
                      tokens: {type: array, items: {type: object}}
                text/html: {schema: {type: string}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "409": {$ref: "#/components/responses/Conflict"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts:
        get:
          tags: [contexts]
          operationId: contexts
          summary: What the context store holds
          responses:
            "200":
              description: Its statistics, and its namespaces by model.
              content:
                application/json:
                  schema:
                    type: object
                    required: [statistics, namespaces]
                    properties:
                      statistics:
                        type: object
                        description: What is stored, and what was asked and found since the service was started.
                        additionalProperties: {type: integer, minimum: 0}
                        required: [capacity_bytes, used_bytes, blocks, looked_up_blocks, found_blocks, refused_blocks]
                      namespaces:
                        type: array
                        items:
                          allOf:
                            - {$ref: "#/components/schemas/Context"}
                            - type: object
                              required: [blocks, bytes, pinned]
                              properties:
                                blocks: {type: integer, minimum: 0, description: Blocks that can be found.}
                                bytes: {type: integer, minimum: 0}
                                pinned: {type: integer, minimum: 0, description: Blocks that are kept from eviction.}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
        post:
          tags: [contexts]
          operationId: openContext
          summary: Opens a namespace, a new one or one that is there
          description: |
            A namespace is all that makes two states comparable. It is known by its id from then on, after a
            restart, too. `lifetimes`, seconds by group, are kept with it; without them, those that are kept
            stay.
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: "#/components/schemas/ContextDescription"}
                example:
                  {model: deepseek-v3.2, revision: "1a2b3c", tokenizer: c60a86, salt: "", block_tokens: 64,
                   groups: [{name: latent, layers: 2, row_bytes: 656, dtype: fp8_ds_mla, tokens_per_row: 1},
                            {name: indexer, layers: 2, row_bytes: 132, dtype: fp8, tokens_per_row: 1}]}
          responses:
            "200":
              description: The description with all its members, and its id.
              content:
                application/json:
                  schema: {$ref: "#/components/schemas/Context"}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/lookup:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: lookupContext
          summary: The longest prefix that is there
          parameters:
            - {$ref: "#/components/parameters/Keys"}
          requestBody: {$ref: "#/components/requestBodies/Blocks"}
          responses:
            "200":
              description: The longest prefix of which some group is there, and how each group is.
              content:
                application/json:
                  schema:
                    type: object
                    required: [blocks, tokens, groups]
                    properties:
                      blocks: {type: integer, minimum: 0}
                      tokens: {type: integer, minimum: 0}
                      groups:
                        type: object
                        additionalProperties:
                          type: object
                          required: [leading, trailing, present]
                          properties:
                            leading: {type: integer, minimum: 0, description: Blocks from the first on.}
                            trailing: {type: integer, minimum: 0, description: "Blocks up to the prefix's end."}
                            present: {type: integer, minimum: 0, description: Blocks in all.}
                  example: {blocks: 12, tokens: 768, groups: {latent: {leading: 12, trailing: 12, present: 12}}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/put:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: putContext
          summary: Stores blocks of a prompt
          description: |
            A body is at most as large as --max-body; longer prompts are put in parts, with `first_block`. A put
            that is larger is refused before it is read, and told how many blocks fit.
          parameters:
            - {$ref: "#/components/parameters/Keys"}
            - name: tokens
              in: query
              required: true
              description: Tokens, or keys, that the body begins with, up to the end of the last block that is put.
              schema: {type: integer, minimum: 1}
              example: 64
            - name: groups
              in: query
              required: true
              description: The groups whose state follows, in this order, with commas between.
              schema: {type: string, minLength: 1}
              example: latent,indexer
            - name: first_block
              in: query
              description: The first block that is put.
              schema: {type: integer, minimum: 0, default: 0}
            - name: durability
              in: query
              description: Answered when the blocks are on the disk, or when they are written.
              schema: {type: string, enum: [durable, relaxed], default: durable}
          requestBody: {$ref: "#/components/requestBodies/State"}
          responses:
            "200":
              description: What became of the blocks; those that are refused are a miss later, no error.
              content:
                application/json:
                  schema:
                    type: object
                    required: [stored, present, refused]
                    properties:
                      stored: {type: integer, minimum: 0, description: Blocks of which something was stored.}
                      present: {type: integer, minimum: 0, description: Blocks that were there already.}
                      refused: {type: integer, minimum: 0, description: Blocks that there is no room for.}
                  example: {stored: 12, present: 0, refused: 0}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/get:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: getContext
          summary: State of layers and blocks
          parameters:
            - {$ref: "#/components/parameters/Keys"}
            - {$ref: "#/components/parameters/Group"}
            - {$ref: "#/components/parameters/FirstLayer"}
            - {$ref: "#/components/parameters/Layers"}
            - {$ref: "#/components/parameters/FirstBlock"}
            - {$ref: "#/components/parameters/BlockCount"}
          requestBody: {$ref: "#/components/requestBodies/Blocks"}
          responses:
            "200":
              description: |
                [layers, rows of the blocks that are there, bytes of a row]. Blocks are there up to the first that
                is missing or damaged. A body that is shorter than Content-Length is a failure in the middle: ask
                again.
              headers:
                Engram-Blocks:
                  description: How many blocks the answer has, from the first that was asked for on.
                  schema: {type: integer, minimum: 0}
                Engram-Row-Bytes:
                  description: Bytes of a row.
                  schema: {type: integer, minimum: 1}
              content: {application/octet-stream: {schema: {type: string, format: binary}}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/gather:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: gatherContext
          summary: Rows of a layer by number
          parameters:
            - {$ref: "#/components/parameters/Keys"}
            - {$ref: "#/components/parameters/Group"}
            - name: layer
              in: query
              required: true
              schema: {type: integer, minimum: 0}
              example: 0
            - name: tokens
              in: query
              required: true
              description: Tokens, or keys, that the body begins with.
              schema: {type: integer, minimum: 0}
              example: 64
          requestBody: {$ref: "#/components/requestBodies/Rows"}
          responses:
            "200":
              description: |
                The rows, one after another. One that is not there is answered with 404 `not_found`.
              headers:
                Engram-Rows: {$ref: "#/components/headers/Engram-Rows"}
                Engram-Row-Bytes:
                  description: Bytes of a row.
                  schema: {type: integer, minimum: 1}
              content: {application/octet-stream: {schema: {type: string, format: binary}}}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/prefetch:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: prefetchContext
          summary: Reads state from the disk ahead of its use
          parameters:
            - {$ref: "#/components/parameters/Keys"}
            - {$ref: "#/components/parameters/Group"}
            - {$ref: "#/components/parameters/FirstLayer"}
            - {$ref: "#/components/parameters/Layers"}
            - {$ref: "#/components/parameters/FirstBlock"}
            - {$ref: "#/components/parameters/BlockCount"}
          requestBody: {$ref: "#/components/requestBodies/Blocks"}
          responses:
            "202":
              description: The disk is asked; nobody waits for it.
              content:
                application/json:
                  schema:
                    type: object
                    required: [pages]
                    properties:
                      pages: {type: integer, minimum: 0, description: Pages of 4 KiB.}
                  example: {pages: 12}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/pin:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: pinContext
          summary: Keeps blocks from being evicted for a while
          parameters:
            - {$ref: "#/components/parameters/Keys"}
            - name: seconds
              in: query
              required: true
              description: For how long; 0 ends it.
              schema: {type: number, minimum: 0, maximum: 315360000}
              example: 60
          requestBody: {$ref: "#/components/requestBodies/Blocks"}
          responses:
            "200":
              description: How many blocks are kept.
              content:
                application/json:
                  schema:
                    type: object
                    required: [pinned]
                    properties:
                      pinned: {type: integer, minimum: 0, description: Blocks that are there.}
                  example: {pinned: 12}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
      /v1/contexts/{id}/clear:
        parameters: [{$ref: "#/components/parameters/Context"}]
        post:
          tags: [contexts]
          operationId: clearContext
          summary: Forgets the last of these blocks and every block whose prefix it is
          description: |
            With no token and no key at all, the whole namespace. Tokens that are no whole block name nothing.
          parameters:
            - {$ref: "#/components/parameters/Keys"}
          requestBody: {$ref: "#/components/requestBodies/Blocks"}
          responses:
            "200":
              description: How many blocks are forgotten.
              content:
                application/json:
                  schema:
                    type: object
                    required: [cleared]
                    properties:
                      cleared: {type: integer, minimum: 0, description: Blocks that were forgotten.}
                  example: {cleared: 12}
            "400": {$ref: "#/components/responses/Invalid"}
            "401": {$ref: "#/components/responses/Unauthorized"}
            "404": {$ref: "#/components/responses/NotFound"}
            "408": {$ref: "#/components/responses/Slow"}
            "413": {$ref: "#/components/responses/TooLarge"}
            "415": {$ref: "#/components/responses/UnsupportedMediaType"}
            "422": {$ref: "#/components/responses/Unprocessable"}
            "500": {$ref: "#/components/responses/Failed"}
            "503": {$ref: "#/components/responses/Busy"}
            "504": {$ref: "#/components/responses/Timeout"}
            default: {$ref: "#/components/responses/Other"}
    components:
      securitySchemes:
        token: {type: http, scheme: bearer}
      parameters:
        Table:
          name: name
          in: path
          required: true
          description: "`name` or `name@version`, one percent-encoded segment."
          schema: {$ref: "#/components/schemas/Name"}
          example: deepseek-v4.1/layer1
        Dataset:
          name: name
          in: path
          required: true
          description: "`name` or `name@version`, one percent-encoded segment."
          schema: {$ref: "#/components/schemas/Name"}
          example: docs
        Input:
          name: input
          in: query
          description: What the body holds.
          schema: {type: string, enum: [rows, tokens], default: rows}
        Masks:
          name: masks
          in: query
          description: With 1, a byte for each token follows, 1 where it takes no part in an N-gram.
          schema: {type: string, enum: ["0", "1"], default: "0"}
        Segments:
          name: segments
          in: query
          description: With 1, an i32 for each token follows; a change is a boundary.
          schema: {type: string, enum: ["0", "1"], default: "0"}
        IfMatch:
          name: If-Match
          in: header
          description: The identity, in quotes, that must be served; another one's request is refused.
          schema: {type: string}
          example: "*"
        Context:
          name: id
          in: path
          required: true
          description: "The namespace's id, as `POST /v1/contexts` answers it."
          schema: {type: string, pattern: '^[0-9a-f]{64}$'}
          example: 38607fc924e5aabb2d6c254336172b4f9275bc042a90f4e37bec5ec6b188281b
        Keys:
          name: keys
          in: query
          description: With 1, keys of 32 bytes stand in the body instead of tokens, one a block, each naming its whole prefix.
          schema: {type: string, enum: ["0", "1"], default: "0"}
        Group:
          name: group
          in: query
          required: true
          description: A group of the namespace.
          schema: {type: string, minLength: 1}
          example: latent
        FirstLayer:
          name: first_layer
          in: query
          schema: {type: integer, minimum: 0, default: 0}
        Layers:
          name: layers
          in: query
          description: Without it, all from the first on.
          schema: {type: integer, minimum: 0}
        FirstBlock:
          name: first_block
          in: query
          schema: {type: integer, minimum: 0, default: 0}
        BlockCount:
          name: blocks
          in: query
          description: Without it, all of the prefix from the first on.
          schema: {type: integer, minimum: 0}
      requestBodies:
        Blocks:
          required: true
          description: |
            Which blocks are meant: a prompt from its first token on, token ids i32 each; whole blocks of it
            count. With `keys=1` keys of 32 bytes. Or JSON with one of the two members.
          content:
            application/octet-stream: {schema: {type: string, format: binary}}
            application/json:
              schema:
                type: object
                additionalProperties: false
                properties:
                  tokens: {type: array, items: {type: integer, minimum: 0, maximum: 2147483647}}
                  keys: {type: array, items: {type: string, pattern: '^[0-9a-fA-F]{64}$'}}
                minProperties: 1
                maxProperties: 1
              example: {tokens: [0, 5, 128804]}
        State:
          required: true
          description: |
            As many tokens, i32 each, or keys of 32 bytes, as `tokens` says; then of each group in `groups` its
            [layers, rows of the blocks that are put, bytes of a row].
          content: {application/octet-stream: {schema: {type: string, format: binary}}}
        Rows:
          required: true
          description: |
            As many tokens, i32 each, or keys of 32 bytes, as `tokens` says; then row numbers, i64 each; the first
            row of the prompt is 0.
          content: {application/octet-stream: {schema: {type: string, format: binary}}}
        Ids:
          required: true
          description: |
            Row ids, u64 each; or all tokens, i32 each, then with `segments=1` all segments, i32 each, then
            with `masks=1` all masks, one byte each.
          content: {application/octet-stream: {schema: {type: string, format: binary}}}
      headers:
        Engram-Table:
          description: "`name@version` that was served, percent-encoded where it is not ASCII."
          schema: {type: string}
        Engram-Dataset:
          description: "`name@version` that was served."
          schema: {type: string}
        Engram-Rows:
          description: How many rows the answer has.
          schema: {type: integer, minimum: 0}
        Engram-Columns:
          description: Rows a token; 1 where rows were asked for by number.
          schema: {type: integer, minimum: 0}
        ETag:
          description: The identity of exactly this content, in quotes.
          schema: {type: string, pattern: '^"[0-9a-f]{64}"$'}
        Retry-After:
          description: Seconds until it is worth another try.
          schema: {type: integer, minimum: 0}
      responses:
        Invalid:
          description: The request makes no sense.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: invalid, message: "limit is 0; give 1 to 1000"}}
        Unauthorized:
          description: No token, or another one.
          headers:
            WWW-Authenticate: {schema: {type: string}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: unauthorized, message: "give the service's token: Authorization: Bearer TOKEN"}}
        NotFound:
          description: No table, dataset, version, index or context of that name, or a row that is not there.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: not_found, message: "no dataset is named corpus; see engram dataset list"}}
        Slow:
          description: The request did not arrive in time.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: timeout, message: "the request did not arrive in time"}}
        Conflict:
          description: Another version than the one of If-Match.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: conflict, message: "this is docs@4, not the one of If-Match"}}
        TooLarge:
          description: The body or the answer is over a limit.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: too_large, message: "a body has at most 16777216 bytes here; ask in parts"}}
        UnsupportedMediaType:
          description: A body of another type.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: unsupported_media_type, message: "the body is text/plain; give application/json"}}
        Unprocessable:
          description: Something that is named cannot be done here.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: out_of_range, message: "plain@1 has 3000 rows"}}
        Failed:
          description: Stored bytes do not match their checksums (`corrupt`), or the service failed (`failed`).
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: corrupt, message: "row 17 of docs@3 does not match its checksum"}}
        Busy:
          description: Too much at once, or the service ends.
          headers:
            Retry-After: {$ref: "#/components/headers/Retry-After"}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: busy, message: "too much is asked at once; ask again in a second"}}
        Timeout:
          description: The answer was not ready in time.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
              example: {error: {code: timeout, message: "the answer was not ready in time; ask for less"}}
        Other:
          description: Any other error.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Error"}
      schemas:
        Name:
          type: string
          pattern: '^[A-Za-z0-9._/-]{1,200}(@[1-9][0-9]{0,8})?$'
          description: "`name`, or `name@version`; the newest version where none is named."
        Error:
          type: object
          required: [error]
          additionalProperties: false
          properties:
            error:
              type: object
              required: [code, message]
              additionalProperties: false
              properties:
                code:
                  type: string
                  enum:
                    [invalid, unauthorized, not_found, method_not_allowed, conflict, too_large,
                     unsupported_media_type, out_of_range, unsupported, unprocessable, busy, corrupt, timeout, failed]
                message: {type: string, description: "One line: what is wrong, where, what to do."}
        Store:
          type: object
          required: [version, tables, datasets, indexes]
          properties:
            version: {type: string}
            tables: {type: integer, minimum: 0}
            datasets: {type: integer, minimum: 0}
            indexes: {type: integer, minimum: 0}
            contexts: {type: integer, minimum: 0, description: "Namespaces of the context store, where there is one."}
        ContextDescription:
          type: object
          required: [model, groups]
          additionalProperties: false
          properties:
            model: {type: string, minLength: 1, maxLength: 4096}
            revision: {type: string, maxLength: 4096, default: "", description: Of the weights.}
            tokenizer: {type: string, maxLength: 4096, default: "", description: "The tokenizer's identity."}
            salt: {type: string, maxLength: 4096, default: "", description: "Keeps tenants apart: with another one nothing is shared."}
            block_tokens: {type: integer, minimum: 1, maximum: 65536, default: 64}
            groups: {type: array, minItems: 1, maxItems: 32, items: {$ref: "#/components/schemas/ContextGroup"}}
            lifetimes:
              type: object
              nullable: true
              additionalProperties: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 10000000000}
              description: "Seconds that a group's state may be served after it was put, by group; `*` is every other."
        ContextGroup:
          type: object
          required: [name, layers, row_bytes]
          additionalProperties: false
          properties:
            name: {type: string, pattern: '^[A-Za-z0-9_.-]{1,64}$'}
            layers: {type: integer, minimum: 1, maximum: 4096}
            row_bytes: {type: integer, minimum: 1, maximum: 16777216, description: Of a row in one layer.}
            dtype: {type: string, maxLength: 256, default: "", description: What the bytes are; not looked into.}
            tokens_per_row: {type: integer, minimum: 1, maximum: 65536, default: 1}
        Context:
          type: object
          required: [id, model, revision, tokenizer, salt, block_tokens, groups]
          properties:
            id: {type: string, pattern: '^[0-9a-f]{64}$', description: SHA-256 of the description.}
            model: {type: string}
            revision: {type: string}
            tokenizer: {type: string}
            salt: {type: string}
            block_tokens: {type: integer, minimum: 1}
            groups: {type: array, items: {$ref: "#/components/schemas/ContextGroup"}}
        TableSummary:
          type: object
          required: [name, version, rows, dimension, codec, foundBy, rowBytes, bytes, identity, published]
          properties:
            name: {type: string}
            version: {type: integer, minimum: 1}
            rows: {type: integer, minimum: 0}
            dimension: {type: integer, minimum: 1, description: Numbers in a row.}
            codec: {type: string, enum: [fp8e4m3-e8m0x32, fp8e4m3, bf16, f16, f32]}
            foundBy: {type: string, enum: [hash, N-gram, number]}
            exact: {type: object, description: "Of an exact table: how its N-grams are found."}
            rowBytes: {type: integer, minimum: 1, description: Bytes of a row as it is stored.}
            bytes: {type: integer, minimum: 0}
            identity: {type: string}
            published: {type: string}
        Table:
          allOf:
            - {$ref: "#/components/schemas/TableSummary"}
            - type: object
              required: [columns, tokenLimit, longest, takesSegments]
              properties:
                columns: {type: integer, minimum: 0, description: Rows of a token; 0 where tokens lead to none.}
                tokenLimit: {type: integer, minimum: 0, description: Token ids are below this.}
                longest: {type: integer, minimum: 0, description: Tokens of the longest N-gram.}
                takesSegments: {type: boolean, description: Whether tokens may have masks and segments.}
                addressing: {type: object, description: "Of a hashed table: how tokens become row ids, as its manifest has it."}
        Dataset:
          type: object
          required: [name, version, versions, kind, samples, bytes, identity, published, message]
          properties:
            name: {type: string}
            version: {type: integer, minimum: 1}
            versions: {type: integer, minimum: 1, description: How many versions the dataset has.}
            kind: {type: string, enum: [document, tokens, bytes]}
            samples: {type: integer, minimum: 0}
            bytes: {type: integer, minimum: 0}
            identity: {type: string}
            published: {type: string}
            message: {type: string}
        Samples:
          type: object
          required: [dataset, samples]
          properties:
            dataset: {type: string}
            samples:
              type: array
              items:
                type: object
                required: [number]
                properties:
                  number: {type: integer, minimum: 0}
                  text: {type: string, description: Of a document.}
                  metadata: {type: object, description: Of a document.}
                  tokens: {type: array, items: {type: integer, minimum: 0}}
                  starts: {type: array, items: {type: integer, minimum: 0}, description: Where documents start in the tokens.}
                  bytes: {type: string, format: byte}
        Index:
          type: object
          required: [dataset, version, documents, passages, words, textBytes, passageTokens, segments, bytes, identity, published]
          properties:
            dataset: {type: string}
            version: {type: integer, minimum: 1}
            documents: {type: integer, minimum: 0}
            passages: {type: integer, minimum: 0}
            words: {type: integer, minimum: 0}
            textBytes: {type: integer, minimum: 0}
            stem: {type: string}
            passageTokens: {type: integer, minimum: 1}
            tokenizer: {type: string}
            vectors: {}
            segments: {type: integer, minimum: 0}
            bytes: {type: integer, minimum: 0}
            identity: {type: string}
            published: {type: string}
        Query:
          type: object
          required: [datasets, question]
          additionalProperties: false
          properties:
            datasets:
              type: array
              minItems: 1
              maxItems: 64
              items: {$ref: "#/components/schemas/Name"}
              description: Whose indexes are asked, `name` or `name@version`.
            question: {type: string, description: '`"double quotes"` ask for phrases.'}
            limit: {type: integer, nullable: true, minimum: 1, maximum: 10000, default: 10}
            perDocument:
              type: integer
              nullable: true
              minimum: 0
              maximum: 10000
              description: The most passages of one document; 0 for any number.
            where:
              type: array
              nullable: true
              maxItems: 256
              items: {type: string}
              description: Conditions on metadata, as `engram query --where` takes them.
            mode: {type: string, nullable: true, enum: [lexical, dense, hybrid, null]}
            vector: {type: array, nullable: true, items: {type: number, format: float}}
            maxTokens:
              type: integer
              nullable: true
              minimum: 1
              maximum: 1000000
              description: Tokens of a context; without it there is none.
        Passage:
          type: object
          required: [dataset, version, sample, passage, start, end, title, source, text]
          properties:
            rank: {type: integer, minimum: 1}
            score: {type: number}
            dataset: {type: string}
            version: {type: integer, minimum: 1}
            sample: {type: integer, minimum: 0}
            passage: {type: integer, minimum: 0}
            start: {type: integer, minimum: 0, description: "Where it begins in the sample's text, in bytes of UTF-8."}
            end: {type: integer, minimum: 0}
            title: {type: string}
            source: {type: string}
            id: {type: string}
            text: {type: string}

    """#
}
