// What text and source code are called.
extension FileFormat {
  /// Extensions of text, in small letters.
  static let textExtensions = Set(
    """
    txt text md mdx markdown rst adoc asciidoc tex ltx sty cls bib org pod textile wiki texi man
    c h cc cpp cxx c++ hh hpp hxx h++ inl ipp tpp inc ino cu cuh cl s asm nasm d di
    rs go swift zig nim v vh sv svh vhd vhdl ada adb ads pas pp dpr f for f77 f90 f95 f03 f08
    py pyi pyx pxd pyw rpy ipynb rb rake gemspec erb pl pm pod6 raku t php phtml lua tcl
    js mjs cjs jsx ts mts cts tsx vue svelte astro coffee css scss sass less styl
    java kt kts groovy gradle scala sc sbt clj cljs cljc edn
    cs csx fs fsi fsx vb vbs m mm metal dart hx as pde
    hs lhs purs elm idr agda lean ml mli mll mly re rei res sml sig ex exs erl hrl eex heex gleam
    lisp lsp cl el scm ss rkt fnl janet jl r rmd rnw nb sas do stan
    sh bash zsh fish ksh csh ps1 psm1 psd1 bat cmd awk sed vim nu
    sql psql plsql cypher graphql gql prisma proto thrift capnp fbs avsc wit
    yaml yml toml ini cfg conf config properties env xml xsd xsl xslt rng dtd svg plist
    dts dtsi dtso ld lds mk mak make cmake am ac m4 in spec rules bzl bazel star ninja build
    tf tfvars hcl nix dhall jsonnet libsonnet cue rego pkl j2 jinja jinja2 tmpl tpl mustache hbs
    y l yy ll ypp lex bnf ebnf g4 peg pest tla als smt2 dot gv puml mmd po pot srt vtt
    patch diff cocci kconfig gn gni wat wast glsl hlsl vert frag comp geom wgsl sol vy move cairo
    f4 cob cbl cpy abap apex pro prolog plg4 gd gdshader applescript ahk au3 nsi iss qml ui
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  /// Files without extension.
  static let textNames = Set(
    """
    Makefile makefile GNUmakefile Kconfig Kbuild Dockerfile Containerfile Jenkinsfile Vagrantfile
    Rakefile Gemfile Podfile Brewfile Procfile Justfile justfile SConstruct SConscript BUILD
    WORKSPACE Doxyfile README LICENSE LICENCE COPYING COPYRIGHT NOTICE MAINTAINERS CREDITS TODO
    NEWS AUTHORS CONTRIBUTORS CONTRIBUTING THANKS HISTORY HACKING INSTALL CHANGES CHANGELOG
    ChangeLog Changelog FAQ BUGS VERSION
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  /// Names to which a tree adds what they are about: `Makefile.am`, `Kconfig.debug`.
  static let buildNames: Set = [
    "Makefile", "Kconfig", "Kbuild", "Dockerfile", "Doxyfile", "ChangeLog", "Changelog", "CHANGES",
    "COPYING", "MAINTAINERS",
  ]
}
