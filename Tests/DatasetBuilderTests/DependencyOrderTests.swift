import SeededRandom
import Testing

@testable import DatasetBuilder

@Suite struct DependencyOrderTests {
  /// Paths in dependency order; the files are added in another order than their paths'.
  private func order(_ files: KeyValuePairs<String, String>, depth: Int = 1) -> [String] {
    func paths(_ files: [(key: String, value: String)]) -> [String] {
      var order = DependencyOrder(repositoryDepth: depth)
      for (path, text) in files {
        Array(text.utf8).withUnsafeBytes { order.add(path: path, text: $0) }
      }
      return order.permutation().map { files[$0].key }
    }
    let forward = paths(Array(files))
    #expect(paths(files.reversed()) == forward)
    #expect(forward.sorted() == files.map(\.key).sorted())
    return forward
  }

  @Test func includedFilesComeFirst() {
    let found = order([
      "r/a.c": "#include \"z.h\"\n#include <stdio.h>\n#include <lib/y.h>\n",
      "r/b.c": "// #include \"x.h\"\n  #  include  \"../r/z.h\"\nint main() {}",
      "r/include/lib/y.h": "#pragma once\n/* #include \"b.c\" */ #include \"x.h\"",
      "r/include/lib/x.h": "",
      "r/z.h": "#include \"include/lib/x.h\"\r\n",
    ])
    #expect(
      found == ["r/include/lib/x.h", "r/include/lib/y.h", "r/z.h", "r/a.c", "r/b.c"])
  }

  @Test func commentsAndStringsHideNoImports() {
    #expect(
      order([
        "r/a.c": "/*/ #include \"b.c\" */\n/**/#include \"z.h\"\nchar q = '\"'; // it's\n",
        "r/b.c": "const char *s = \"/*\";\n#include \"z.h\"\n/* open\n#include \"a.c\"",
        "r/z.h": "",
      ]) == ["r/z.h", "r/a.c", "r/b.c"])
    #expect(
      order([
        "r/a.py": "x = \"#\" # from b import c\n'''\nimport b\n'''\nimport z\n",
        "r/b.py": "import a", "r/z.py": "",
      ]) == ["r/z.py", "r/a.py", "r/b.py"])
  }

  @Test func pythonModulesComeFirst() {
    let found = order([
      "r/app.py": """
      from pkg.models import (  # a comment, with a comma
          User as U,
          Group,
      )
      import pkg.tools.text as t, os
      """,
      "r/pkg/__init__.py": "\"\"\"\nfrom .zebra import nothing\n\"\"\"\n",
      "r/pkg/base.py": "import os\n",
      "r/pkg/models.py": "from .base import *\nfrom . import zebra\n",
      "r/pkg/tools/text.py": "from ..models import User; import re\nfrom .. import base\n",
      "r/pkg/zebra.py": "if True:\n    import pkg.base \\\n  as b\n",
    ])
    #expect(
      found == [
        "r/pkg/base.py", "r/pkg/zebra.py", "r/pkg/models.py", "r/pkg/tools/text.py", "r/app.py",
        "r/pkg/__init__.py",
      ])
  }

  @Test func packagesOfPythonAreTheirInitFiles() {
    let found = order([
      "r/a.py": "import zed\nfrom . import thing", "r/zed/__init__.py": "from .inner import x",
      "r/zed/inner.py": "",
    ])
    #expect(found == ["r/zed/inner.py", "r/zed/__init__.py", "r/a.py"])
  }

  @Test func scriptModulesComeFirst() {
    let found = order([
      "r/src/a.ts": "import { x } from './lib/x.js'\nimport y from \"../y\"\nimport 'react'\n",
      "r/src/b.js": "const z = require('./z'); const p = require(\"path\"); from('./lib')",
      "r/src/lib/index.ts": "export * from './x'\nexport const w = await import('../w');",
      "r/src/lib/x.ts": "// import './index'\nimport type { Y } from '../../y';",
      "r/src/w.jsx": "", "r/src/z.mjs": "import\n  a\n  from '.\\'/a'; import './lib'",
      "r/y.d.ts": "",
    ])
    #expect(
      found == [
        "r/src/w.jsx", "r/y.d.ts", "r/src/lib/x.ts", "r/src/a.ts", "r/src/lib/index.ts",
        "r/src/z.mjs", "r/src/b.js",
      ])
  }

  @Test func classesOfTheJVMComeFirst() {
    let found = order([
      "r/src/main/java/org/x/App.java":
        "package org.x;\nimport org.x.model.User;\nimport static org.x.util.Text.trim;\nimport java.util.*;",
      "r/src/main/java/org/x/model/User.java": "import org.x.util.Text;\n",
      "r/src/main/java/org/x/util/Text.java": "import java.util.List;",
      "r/src/main/kotlin/A.kt": "import org.x.model.User as U\nimport org.x.App\n",
      "r/src/main/scala/B.scala": "import org.x.model.{User => V, Other}\nimport org.x.App._\n",
    ])
    #expect(
      found.map { String($0.split(separator: "/").last ?? "") } == [
        "Text.java", "User.java", "App.java", "A.kt", "B.scala",
      ])
  }

  @Test func goPackagesComeFirst() {
    let found = order([
      "r/cmd/main.go":
        "package main\nimport (\n\t\"fmt\"\n\tu \"example.org/me/r/util\"\n\t. \"example.org/me/r/pkg/store\"\n)",
      "r/fmt/fmt.go": "package fmt\nimport \"example.org/me/r/cmd\"",
      "r/pkg/store/a.go": "package store\nimport \"example.org/me/r/util\"",
      "r/pkg/store/b.go": "package store", "r/pkg/store/b_test.go": "package store",
      "r/util/util.go": "package util",
    ])
    #expect(
      found == [
        "r/pkg/store/b.go", "r/util/util.go", "r/pkg/store/a.go", "r/cmd/main.go", "r/fmt/fmt.go",
        "r/pkg/store/b_test.go",
      ])
  }

  @Test func rustModulesComeFirst() {
    let found = order([
      "r/src/main.rs":
        "mod config;\npub(crate) mod net;\nuse crate::net::{client::Client, self};\n",
      "r/src/config.rs": "use std::fs;\nuse serde::{Deserialize};",
      "r/src/net/mod.rs": "const OPEN: char = '{';\npub mod client;\nmod tests { use super::*; }",
      "r/src/net/client.rs":
        "use crate::{config::Config as C, util};\nimpl<'a> X<'a> {}\nuse super::super::config::Y;",
      "r/src/util.rs": "/* mod main; */",
    ])
    #expect(
      found == [
        "r/src/config.rs", "r/src/util.rs", "r/src/net/client.rs", "r/src/net/mod.rs",
        "r/src/main.rs",
      ])
  }

  @Test func rubyAndPHPFilesComeFirst() {
    #expect(
      order([
        "r/a.rb": "require 'json'\nrequire_relative 'lib/b'",
        "r/lib/b.rb": "require_relative('../c.rb')",
        "r/c.rb": "# require_relative 'a'",
      ]) == ["r/c.rb", "r/lib/b.rb", "r/a.rb"])
    #expect(
      order([
        "r/a.php": "<?php require_once __DIR__ . '/lib/b.php';\ninclude('c.php');",
        "r/c.php": "", "r/lib/b.php": "<?php include_once \"../c.php\";",
      ]) == ["r/c.php", "r/lib/b.php", "r/a.php"])
  }

  @Test func cyclesStartWhereLeastIsMissing() {
    // a and b import each other, b imports c as well: a misses least, then b.
    #expect(
      order([
        "r/a.h": "#include \"b.h\"", "r/b.h": "#include \"a.h\"\n#include \"c.h\"", "r/c.h": "",
      ]) == ["r/c.h", "r/a.h", "r/b.h"])
    #expect(
      order([
        "r/a.h": "#include \"b.h\"\n#include \"a.h\"", "r/b.h": "#include \"c.h\"",
        "r/c.h": "#include \"a.h\"",
      ]) == ["r/a.h", "r/c.h", "r/b.h"])
  }

  @Test func missingTargetsAreLeftOut() {
    #expect(
      order([
        "r/b.c": "#include \"nowhere.h\"\n#include \"../../../../out.h\"\n#include\n#include \"",
        "r/a.py": "from ....... import x\nfrom . import\nimport\nfrom x",
        "r/c.js": "import './none'; require('../../../..'); require(",
        "r/d.rs": "use super::super::super::a;\nuse {{{",
        "r/e.go": "import (", "r/f.java": "import ;import {", "r/g.txt": "#include \"b.c\"",
        "": "x",
      ])
        == ["", "r/a.py", "r/b.c", "r/c.js", "r/d.rs", "r/e.go", "r/f.java", "r/g.txt"])
  }

  /// Of several files of the wanted name the one beside the importing file is meant, then the one with
  /// the most folders in common, then the first.
  @Test func ambiguousNamesMeanTheNearest() {
    let found = order([
      "r/one/a.c": "#include \"util.h\"", "r/one/util.h": "", "r/two/b.c": "#include <util.h>",
      "r/two/deep/util.h": "", "r/three/c.c": "#include <util.h>",
    ])
    // Two parts: one/ with what falls back to the first, and two/.
    #expect(
      found == ["r/one/util.h", "r/one/a.c", "r/three/c.c", "r/two/deep/util.h", "r/two/b.c"])
  }

  @Test func repositoriesStayTogetherAndApart() {
    let files: KeyValuePairs = [
      "a/x.c": "#include \"y.h\"", "b/y.h": "#include \"z.h\"", "b/z.h": "",
      "top.c": "#include \"y.h\"",
      "a/y.h": "",
    ]
    #expect(order(files) == ["a/y.h", "a/x.c", "b/z.h", "b/y.h", "top.c"])
    #expect(
      order(["a/x.c": "#include <y.h>", "b/y.h": "#include <z.h>", "c/z.h": ""], depth: 0)
        == ["c/z.h", "b/y.h", "a/x.c"])
    #expect(
      order(["o/a/x.c": "#include <y.h>", "o/b/y.h": ""], depth: 2) == ["o/a/x.c", "o/b/y.h"])
    #expect(order(["o/a/x.c": "#include <y.h>", "o/b/y.h": ""]) == ["o/b/y.h", "o/a/x.c"])
  }

  /// Against a plain computation: without cycles, all that a file imports comes before it; with them
  /// each step takes the file that misses least.
  @Test func randomTreesAreOrderedAsTheAlgorithmSays() {
    var random = SeededGenerator(seed: 21)
    for _ in 0..<60 {
      let count = Int.random(in: 1...40, using: &random)
      let names = (0..<count).map { "r/f\($0 + 100).h" }
      let acyclic = Bool.random(using: &random)
      let imports = (0..<count).map { file in
        Set(
          (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Int.random(in: 0..<count, using: &random)
          }
        ).filter { acyclic ? $0 > file : $0 != file }
      }
      var order = DependencyOrder()
      for file in 0..<count {
        let text = imports[file].map { "#include \"f\($0 + 100).h\"\n" }.joined()
        Array(text.utf8).withUnsafeBytes { order.add(path: names[file], text: $0) }
      }
      let found = order.permutation()
      #expect(found.sorted() == Array(0..<count))
      if acyclic {
        for (place, file) in found.enumerated() {
          #expect(imports[file].isSubset(of: found[..<place]))
        }
      }
      #expect(found == plain(imports))
    }
  }

  private func plain(_ imports: [Set<Int>]) -> [Int] {
    var part = Array(imports.indices)
    for _ in imports.indices {
      for (file, others) in imports.enumerated() {
        for other in others {
          let least = min(part[file], part[other])
          part[file] = least
          part[other] = least
        }
      }
    }
    var order: [Int] = []
    for each in Set(part).sorted() {
      var left = Set(imports.indices.filter { part[$0] == each })
      while !left.isEmpty {
        let done = Set(order)
        let next = left.min { first, second in
          let (one, two) = (
            imports[first].subtracting(done).count, imports[second].subtracting(done).count
          )
          return (one, first) < (two, second)
        }
        guard let next else { break }
        order.append(next)
        left.remove(next)
      }
    }
    return order
  }

  @Test func anyBytesAreScanned() {
    var random = SeededGenerator(seed: 2)
    let words = [
      "import", "from", "use", "mod", "require", "#include", "include", "crate", "super", "self",
      "as",
      "(", ")", "{", "}", "\"", "'", "`", "/*", "*/", "//", "#", "\n", "\\", ",", ";", ".", "..",
      "*", "<",
      ">", "a", "b", "::", "\"\"\"", " ", "pub", "\r\n", "é", "_", "static",
    ]
    for ending in ["c", "py", "js", "java", "scala", "go", "rs", "rb", "php", "txt", ""] {
      for _ in 0..<150 {
        let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
          words[Int.random(in: 0..<words.count, using: &random)]
        }.joined(separator: Bool.random(using: &random) ? " " : "")
        var bytes = Array(text.utf8)
        if let last = bytes.indices.last, Bool.random(using: &random) {
          bytes[Int.random(in: 0...last, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        var order = DependencyOrder()
        for name in ["r/a/x.\(ending)", "r/b.\(ending)"] {
          bytes.withUnsafeBytes { order.add(path: name, text: $0) }
        }
        #expect(order.permutation().sorted() == [0, 1])
      }
    }
  }

  /// Thousands of files of one name, imported thousands of times, cost no more each.
  @Test func manyFilesOfOneNameAreFoundQuickly() {
    var order = DependencyOrder()
    let text = Array("#include <x/util.h>\n".utf8)
    let script = Array("import \"a.org/m/x\"\n".utf8)
    for folder in 0..<1_500 {
      text.withUnsafeBytes { order.add(path: "r/\(folder)/x/util.h", text: $0) }
      script.withUnsafeBytes { order.add(path: "r/\(folder)/x/x.go", text: $0) }
    }
    #expect(order.permutation().count == 3_000)
  }

  @Test func importsOfAFileAreBounded() {
    let text = Array(String(repeating: "import './a';\n", count: 5_000).utf8)
    #expect(text.withUnsafeBytes { Import.all(of: $0, path: "r/x.js") }.count == Import.limit)
  }
}
