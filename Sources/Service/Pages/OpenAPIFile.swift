/// The service's contract, `Schemas/openapi.yaml`, byte for byte. Tools/embed-openapi writes this
/// file.
enum OpenAPIFile {
  static let text = #"""
    openapi: 3.0.3
    info:
      title: Engram Store
      version: "1"
      description: |
        Memory tables, datasets and retrieval of one store over HTTP/1.1: rows and samples as bytes, the rest
        as JSON. Numbers in bytes are little-endian.

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
                  example: {version: "0.6.0", tables: 2, datasets: 1, indexes: 1}
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
      requestBodies:
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
          description: No table, dataset, version or index of that name.
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
