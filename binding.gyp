# No second build: hands over to CMake. Only prebuildify comes this way (it calls node-gyp); `npm install` runs
# scripts/install.mjs, which needs neither node-gyp nor Python.
{
  "targets": [
    {
      "target_name": "sinter",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/sinter.node"],
          "action": ["node", "scripts/build-native.mjs"]
        }
      ]
    }
  ]
}
